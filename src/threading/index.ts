/// <reference types="node" preserve="true" />
/// <reference lib="esnext.disposable" preserve="true" />
import { type ExceptHook, getExcepthook, printException, setExcepthook } from './excepthook.js';

export { ClosureError } from '../closure/index.js';
export {
  JoinableQueue,
  Queue,
  QueueClosed,
  QueueEmpty,
  QueueFull,
  type QueueOptions,
  QueueShutDown,
  SimpleQueue,
} from '../multiprocessing/queue/index.js';
export {
  Array,
  Barrier,
  BoundedSemaphore,
  BrokenBarrierError,
  Condition,
  DeadlockError,
  Event,
  Lock,
  OwnerDiedError,
  RLock,
  reviveHandles,
  Semaphore,
  ThreadError,
  TimeoutError,
  Value,
} from '../sync/index.js';
export { activeCount, currentThread, enumerate, getIdent, getNativeId, mainThread } from './current.js';
export { type ExceptHook, type ExceptHookArgs, setExcepthook } from './excepthook.js';
export { type LocalOptions, local } from './local.js';
export { Thread, type ThreadOptions } from './thread.js';
export { Timer } from './timer.js';

/**
 * Called when a thread's target throws, in the thread that started it, with `{ excType, excValue, excTraceback, thread }`. The
 * default prints `Exception in thread Thread-1 (target):` and the stack on stderr, from within the thread, at once. May be assigned
 * (`threading.excepthook = …`) where `threading` comes from `require`, a default import or `import { threading } from 'prong'`;
 * an ES module's own namespace can't be assigned to: there, call `setExcepthook`.
 */
export const excepthook: ExceptHook = printException;
// Under another name: Node's search for a CommonJS module's exports takes a getter on `exports` itself for no export.
const namespace: object = exports;
Object.defineProperty(namespace, 'excepthook', {
  enumerable: true,
  configurable: true,
  get: getExcepthook,
  set: setExcepthook,
});
