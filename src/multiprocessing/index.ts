export {
  Array,
  BrokenBarrierError,
  DeadlockError,
  Event,
  Lock,
  OwnerDiedError,
  RawArray,
  RawValue,
  reviveHandles,
  ThreadError,
  TimeoutError,
  Value,
} from '../sync/index.js';
