export { type Prefork, serve } from './serve.js';
export type { Listen, ServeOptions, WorkerContext, WorkerEvent, WorkerInfo } from './types.js';
