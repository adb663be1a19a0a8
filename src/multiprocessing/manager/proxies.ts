/** Proxies of the standard types: what they can do besides their objects' methods. */

import { TimeoutError } from '../../errors.js';
import type { Guard } from '../../sync/dispose.js';
import type { Scalar } from '../../sync/types.js';
import type {
  ManagedArray,
  ManagedDict,
  ManagedList,
  ManagedNamespace,
  ManagedValue,
} from './objects/containers.js';
import type {
  ManagedBarrier,
  ManagedCondition,
  ManagedEvent,
  ManagedLock,
  ManagedRLock,
  ManagedSemaphore,
} from './objects/locks.js';
import type { ManagedJoinableQueue, ManagedQueue } from './objects/queues.js';
import type { ObjectHandle } from './protocol.js';
import { ManagedProxy, type Proxied, registerProxyClass } from './proxy.js';
import type { TimeLimit } from './waiters.js';

interface Held {
  /** Acquires, and gives a guard that releases. Throws `TimeoutError` when time runs out. */
  hold(options?: TimeLimit): Promise<Guard>;
  /** Runs `fn` while holding it, and returns what it returned. */
  with<T>(fn: () => T, options?: TimeLimit): Promise<Awaited<T>>;
}

/** A `Map` that lives in the manager. `for await` gives its keys. */
export type DictProxy<K = unknown, V = unknown> = ManagedProxy &
  Proxied<ManagedDict<K, V>> & { [Symbol.asyncIterator](): AsyncGenerator<K, void, void> };
/** A list that lives in the manager. `for await` gives its items. */
export type ListProxy<T = unknown> = ManagedProxy &
  Proxied<ManagedList<T>> & { [Symbol.asyncIterator](): AsyncGenerator<T, void, void> };
/** An object with whatever properties; reading one gives a promise. */
export type NamespaceProxy<T extends object = Record<string, unknown>> = ManagedProxy &
  Proxied<ManagedNamespace> & { [K in keyof T]: Promise<T[K]> };
/** One value that lives in the manager. */
export type ValueProxy<T = unknown> = ManagedProxy &
  Proxied<ManagedValue<T>> & { readonly value: Promise<T> };
/** Numbers of one type that live in the manager. */
export type ArrayProxy<T extends Scalar = number> = ManagedProxy &
  Proxied<ManagedArray<T>> & { [Symbol.asyncIterator](): AsyncGenerator<T, void, void> };
/** A lock that lives in the manager, for processes that share no memory. */
export type LockProxy = ManagedProxy & Proxied<ManagedLock> & Held;
/** An `RLock` that lives in the manager. */
export type RLockProxy = ManagedProxy & Proxied<ManagedRLock> & Held;
/** A semaphore that lives in the manager. */
export type SemaphoreProxy = ManagedProxy & Proxied<ManagedSemaphore> & Held;
/** A condition that lives in the manager, with a plain lock. */
export type ConditionProxy = ManagedProxy & Proxied<ManagedCondition> & Held;
/** An event that lives in the manager. */
export type EventProxy = ManagedProxy & Proxied<ManagedEvent>;
/** A barrier that lives in the manager. */
export type BarrierProxy = ManagedProxy & Proxied<ManagedBarrier>;
/** A queue that lives in the manager. */
export type QueueProxy<T = unknown> = ManagedProxy & Proxied<ManagedQueue<T>>;
/** A joinable queue that lives in the manager. */
export type JoinableQueueProxy<T = unknown> = ManagedProxy & Proxied<ManagedJoinableQueue<T>>;

class AcquirableProxy extends ManagedProxy {
  async hold(options?: TimeLimit): Promise<Guard> {
    if (!(await this.call('acquire', options))) {
      throw new TimeoutError(`the lock was not free within ${options?.timeout} ms`);
    }
    return new RemoteGuard(this);
  }

  async with<T>(fn: () => T, options?: TimeLimit): Promise<Awaited<T>> {
    await using _held = await this.hold(options);
    return await fn();
  }
}

/** Releasing takes a message: `await using` waits for it. */
class RemoteGuard implements Guard {
  #proxy: ManagedProxy | undefined;

  constructor(proxy: ManagedProxy) {
    this.#proxy = proxy;
  }

  async #release(): Promise<void> {
    const proxy = this.#proxy;
    this.#proxy = undefined;
    await proxy?.call('release');
  }

  release(): void {
    void this.#release();
  }

  [Symbol.dispose](): void {
    this.release();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#release();
  }
}

class IterableProxy extends ManagedProxy {
  /** As things are when it begins. */
  async *[Symbol.asyncIterator](): AsyncGenerator<unknown, void, void> {
    yield* (await this.call('slice')) as unknown[];
  }
}

class KeysProxy extends ManagedProxy {
  async *[Symbol.asyncIterator](): AsyncGenerator<unknown, void, void> {
    yield* (await this.call('keys')) as unknown[];
  }
}

class OneValueProxy extends ManagedProxy {
  get value(): Promise<unknown> {
    return this.call('get');
  }
}

/** `await namespace.name` reads, `namespace.name = value` writes: what is read afterwards through this proxy sees it. */
function namespaceProxy(this: unknown, handle: ObjectHandle): ManagedProxy {
  const proxy = new ManagedProxy(handle);
  return new Proxy(proxy, {
    get(target, key) {
      if (typeof key === 'symbol' || key in target || key === 'then' || key === 'toJSON') {
        const value: unknown = Reflect.get(target, key, target);
        return typeof value === 'function' ? value.bind(target) : value;
      }
      return target.call('get', key);
    },
    set(target, key, value) {
      if (typeof key === 'symbol' || key in target) return false;
      void target.call('set', key, value);
      return true;
    },
    deleteProperty(target, key) {
      if (typeof key === 'symbol') return false;
      void target.call('delete', key);
      return true;
    },
  });
}

type ProxyClass = new (handle: ObjectHandle) => ManagedProxy;

for (const type of ['Lock', 'RLock', 'Semaphore', 'BoundedSemaphore', 'Condition']) {
  registerProxyClass(type, AcquirableProxy);
}
for (const type of ['list', 'Array']) registerProxyClass(type, IterableProxy);
registerProxyClass('dict', KeysProxy);
registerProxyClass('Value', OneValueProxy);
registerProxyClass('Namespace', namespaceProxy as unknown as ProxyClass);
