export { AsyncResult } from './async-result.js';
export { PoolError, WorkerDiedError } from './errors.js';
export { ImapIterator } from './imap-iterator.js';
export type {
  ApplyOptions,
  CallbackOptions,
  ChunkOptions,
  ImapOptions,
  MapCallOptions,
  TaskOptions,
} from './options.js';
export { Pool, type PoolOptions, type PoolStats } from './pool.js';
export { ThreadPool } from './thread-pool.js';
export type { TaskTrace, WorkerTrace } from './trace.js';
