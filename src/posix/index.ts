export { type AtForkHooks, registerAtFork } from './at-fork.js';
export { type ForkOptions, fork } from './fork.js';
export { warmup } from './heap/warmup.js';
