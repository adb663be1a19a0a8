export {
  BrokenBarrierError,
  DeadlockError,
  Event,
  Lock,
  OwnerDiedError,
  reviveHandles,
  ThreadError,
  TimeoutError,
} from '../sync/index.js';
