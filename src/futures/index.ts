/** Calls that will have been done: Python's `concurrent.futures`. */
export { TimeoutError } from '../errors.js';
export { WorkerDiedError } from '../multiprocessing/pool/index.js';
export {
  BrokenExecutor,
  BrokenProcessPool,
  BrokenThreadPool,
  CancelledError,
  InvalidStateError,
} from './errors.js';
export { Executor, type MapOptions, type ShutdownOptions } from './executor.js';
export {
  type ExecutorOptions,
  ProcessPoolExecutor,
  type ProcessPoolExecutorOptions,
  ThreadPoolExecutor,
  type ThreadPoolExecutorOptions,
} from './executors.js';
export { Future } from './future.js';
export {
  ALL_COMPLETED,
  asCompleted,
  FIRST_COMPLETED,
  FIRST_EXCEPTION,
  type Waited,
  type WaitOptions,
  wait,
  waitSync,
} from './wait.js';
