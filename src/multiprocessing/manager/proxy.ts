/** What stands for a managed object in other processes. */
import { inspect } from 'node:util';
import { registerInternalAtFork } from '../../posix/at-fork.js';
import { handleKind, registerHandleType } from '../../sync/handle.js';
import { linkTo, type ManagerLink, receivingFrom } from './client.js';
import { KIND, type ObjectHandle } from './protocol.js';
import { packReferent, Referent, servedHere } from './server.js';

/** The methods of a managed object, as promises. */
export type Proxied<T> = {
  // biome-ignore lint/suspicious/noExplicitAny: whatever the methods take
  readonly [K in keyof T as T[K] extends (...args: any[]) => unknown ? K : never]: T[K] extends (
    ...args: infer A
  ) => infer R
    ? (...args: A) => Promise<Awaited<R>>
    : never;
};

interface Footing {
  link: ManagerLink;
  object: string;
  /** How often this connection has been sent it. */
  count: number;
  generation: number;
  /** Somebody else has its handle, or may have inherited it: it lives as long as the connection. */
  pinned: boolean;
}

const known = new Map<string, WeakRef<ManagedProxy>>();
const footings = new WeakMap<object, Footing>();
const collected = new FinalizationRegistry<Footing>((footing) => {
  const key = keyOf(footing.link, footing.object);
  if (known.get(key)?.deref() === undefined) known.delete(key);
  if (!footing.pinned) footing.link.drop(footing.object, footing.count, footing.generation);
});

function keyOf(link: ManagerLink, object: string): string {
  return `${String(link.address)} ${object}`;
}

/** The base of all proxies: see `Proxied` for what they can do. */
export class ManagedProxy {
  /** @internal The fields that survive a structured clone: such a clone is a handle. */
  readonly __prong = KIND;
  declare readonly handle: ObjectHandle;
  readonly #footing: Footing;
  readonly #handle: ObjectHandle;

  constructor(handle: ObjectHandle) {
    const link = linkTo(handle.address, handle.authkey);
    this.#handle = handle;
    this.#footing = { link, object: handle.object, count: 0, generation: -1, pinned: false };
    Object.defineProperty(this, 'handle', {
      enumerable: true,
      get: () => {
        this.#footing.pinned = true;
        return { ...handle };
      },
    });
    for (const method of handle.exposed) {
      if (method in this || method === 'then') continue;
      Object.defineProperty(this, method, {
        value: (...args: unknown[]) => this.call(method, ...args),
        configurable: true,
      });
    }
    collected.register(this, this.#footing);
  }

  /** Calls a method of the object by its name. */
  async call(method: string, ...args: unknown[]): Promise<unknown> {
    const { link, object } = this.#footing;
    if (this.#footing.generation !== link.generation) await this.#adopt();
    return link.request({ do: 'call', object, method, args });
  }

  /** Another process, or a connection that is new since a fork, says that it uses the object too. */
  async #adopt(): Promise<void> {
    const { link, object } = this.#footing;
    // What comes back is this very proxy; the count is raised as it is unpacked.
    await link.request({ do: 'adopt', object });
  }

  /** @internal */
  footing(): Footing {
    return this.#footing;
  }

  /** @internal */
  received(): void {
    const footing = this.#footing;
    if (footing.generation !== footing.link.generation) footing.count = 0;
    footing.generation = footing.link.generation;
    footing.count++;
  }

  [inspect.custom](): string {
    return `Proxy { ${this.#handle.type} ${this.#handle.object} of the manager at ${String(this.#handle.address)} }`;
  }
}
Object.defineProperty(ManagedProxy.prototype, handleKind, { value: KIND });

/** Classes of proxies that can do more than call methods, by the names of the managed types. */
const classes = new Map<string, new (handle: ObjectHandle) => ManagedProxy>();

export function registerProxyClass(type: string, proxy: new (handle: ObjectHandle) => ManagedProxy): void {
  classes.set(type, proxy);
}

function proxyFor(handle: ObjectHandle): ManagedProxy {
  const link = linkTo(handle.address, handle.authkey);
  const key = keyOf(link, handle.object);
  const there = known.get(key)?.deref();
  if (there !== undefined) return there;
  const made = new (classes.get(handle.type) ?? ManagedProxy)(handle);
  known.set(key, new WeakRef(made));
  footings.set(made, made.footing());
  return made;
}

registerHandleType(KIND, {
  pack: (object) => ({
    handle: object instanceof Referent ? packReferent(object) : (object as ManagedProxy).handle,
  }),
  unpack(data) {
    const handle = data.handle as ObjectHandle;
    const here = servedHere(handle);
    if (here !== undefined) return here;
    const proxy = proxyFor(handle);
    if (receivingFrom() === linkTo(handle.address, handle.authkey)) proxy.received();
    return proxy;
  },
});

registerInternalAtFork({
  before() {
    for (const reference of known.values()) {
      const footing = footings.get(reference.deref() ?? {});
      if (footing !== undefined) footing.pinned = true;
    }
  },
});
