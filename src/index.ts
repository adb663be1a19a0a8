/// <reference types="node" preserve="true" />
/// <reference lib="esnext.disposable" preserve="true" />
export * as daemon from './daemon/index.js';
export { daemonize } from './daemon/index.js';
export * as futures from './futures/index.js';
export * as multiprocessing from './multiprocessing/index.js';
export { Pipe, Pool, Process, SharedMemory, ThreadPool } from './multiprocessing/index.js';
export { JoinableQueue, Queue, SimpleQueue } from './multiprocessing/queue/index.js';
export * as posix from './posix/index.js';
export { fork, waitpid } from './posix/index.js';
export * as subprocess from './subprocess/index.js';
export { Popen, run, runSync } from './subprocess/index.js';
export {
  Array as SharedArray,
  Barrier,
  BoundedSemaphore,
  Condition,
  Event,
  Lock,
  RLock,
  reviveHandles,
  Semaphore,
  Value,
} from './sync/index.js';
export * as threading from './threading/index.js';
export { local, Thread } from './threading/index.js';
