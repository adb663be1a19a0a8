export { ManagerEndedError, RemoteError } from './errors.js';
export { Manager, type ManagerOptions } from './manager.js';
export type {
  ArrayProxy,
  BarrierProxy,
  ConditionProxy,
  DictProxy,
  EventProxy,
  JoinableQueueProxy,
  ListProxy,
  LockProxy,
  NamespaceProxy,
  QueueProxy,
  RLockProxy,
  SemaphoreProxy,
  ValueProxy,
} from './proxies.js';
export type { Proxied } from './proxy.js';
export type { RegisterOptions } from './types.js';
