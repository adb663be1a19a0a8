export { type ForkOptions, fork } from './fork.js';
export { type AtForkHooks, registerAtFork } from './at-fork.js';
