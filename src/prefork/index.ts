/// <reference types="node" preserve="true" />
/// <reference lib="esnext.disposable" preserve="true" />
export { type Prefork, serve } from './serve.js';
export type { Listen, ServeOptions, WorkerContext, WorkerEvent, WorkerInfo } from './types.js';
