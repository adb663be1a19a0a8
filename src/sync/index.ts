export { BrokenBarrierError, DeadlockError, OwnerDiedError, ThreadError, TimeoutError } from '../errors.js';
export type { TimeoutOptions } from './acquirable.js';
export { RawArray, SharedArray, SharedArray as Array } from './array.js';
export { Barrier, type BarrierOptions } from './barrier.js';
export { Condition } from './condition.js';
export type { Guard } from './dispose.js';
export { Event } from './event.js';
export {
  fromHandle,
  type Handle,
  handleKind,
  isHandle,
  isTravelling,
  pack,
  registerHandleType,
  reviveHandles,
  toHandle,
  unpack,
} from './handle.js';
export { Lock, type LockOptions } from './lock.js';
export { RLock } from './rlock.js';
export { BoundedSemaphore, Semaphore } from './semaphore.js';
export type { TypeCode, TypeName } from './types.js';
export { RawValue, Value, type ValueOptions } from './value.js';
