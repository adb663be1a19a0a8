import { randomBytes } from 'node:crypto';
import { inspect } from 'node:util';
import type { Scalar, TypeCode, TypeName, Widen } from '../../sync/types.js';
import '../../sync/dispose.js';
import { checkString, invalidType } from '../../util/check.js';
import { checkAuthkey } from '../connection/authenticate.js';
import { type Address, type Connection, Listener, Pipe } from '../connection/index.js';
import { Process } from '../process/index.js';
import { linkTo, type ManagerLink } from './client.js';
import { ManagerEndedError } from './errors.js';
import type {
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
import './proxies.js';
import type { ManagedProxy, Proxied } from './proxy.js';
import { Server } from './server.js';
import {
  type AnyClass,
  type AnyFactory,
  type RegisterOptions,
  type Registry,
  registerIn,
  standardTypes,
} from './types.js';

/** Where a manager listens, and its key. */
export interface ManagerOptions {
  /** Where the manager listens: a path, or `[host, port]`; a fresh path unless given. */
  address?: Address | undefined;
  /** The key that its clients must know; a fresh one unless given. */
  authkey?: string | Uint8Array | undefined;
}

const KEY_BYTES = 32;
const SHUTDOWN_TIMEOUT = 1000;

function baseRegistry(): Registry {
  const registry: Registry = new Map();
  for (const [name, type] of Object.entries(standardTypes)) registerIn(registry, name, type);
  return registry;
}

/** The process of a manager: tells where it listens, and serves until it is told to stop. */
async function serve(
  ready: Connection,
  address: Address | undefined,
  authkey: Uint8Array,
  registry: Registry,
) {
  let listener: Listener;
  try {
    listener = new Listener(address, { authkey });
  } catch (error) {
    await ready.send({ error });
    ready.close();
    return;
  }
  const server = new Server(listener, authkey, registry);
  void server.run();
  await ready.send({ address: listener.address });
  ready.close();
  await server.stopped;
}

/**
 * A process in which objects live that many processes use: each has a proxy, whose methods are the object's, as promises.
 *
 *     await using manager = new Manager();
 *     const scores = await manager.dict({ anna: 1 });
 *     const child = new Process({ target: async () => scores.set('ben', 2) });
 *     child.start();
 *     await child.join();
 *     console.log(await scores.items());
 *
 * The process starts with the first object, or with `start()`. Proxies travel like primitives; they can be put into managed containers.
 * An object is there for as long as somebody has a proxy for it or another managed object holds it. Somebody who dies gives up
 * the managed locks that it holds. Whoever has a proxy's handle has the manager's key.
 *
 * Errors: what a method throws arrives as `RemoteError`, prong's own errors (`TimeoutError`, `ThreadError`, `QueueEmpty`…) as themselves;
 * `ERR_MANAGER_ENDED` (`ManagerEndedError`) once the process is gone; `ERR_DESTROYED` for an object that nobody had any more.
 *
 * @see Python's `multiprocessing.managers.SyncManager`
 */
class ManagerClass implements AsyncDisposable {
  readonly #registry: Registry = baseRegistry();
  #address: Address | undefined;
  readonly #authkey: Buffer;
  #process: Process | undefined;
  #owner = 0;
  #started: Promise<void> | undefined;
  #link: ManagerLink | undefined;
  #ended = false;

  constructor(options: ManagerOptions = {}) {
    if (typeof options !== 'object' || options === null) throw invalidType('options', 'an object', options);
    const { address, authkey } = options;
    if (address !== undefined && typeof address !== 'string' && !globalThis.Array.isArray(address)) {
      throw invalidType('options.address', 'a path or an array [host, port]', address);
    }
    this.#address = address;
    this.#authkey = checkAuthkey(authkey) ?? randomBytes(KEY_BYTES);
  }

  /** Where it listens; `undefined` before it has started, where none was given. */
  get address(): Address | undefined {
    return this.#address;
  }

  /** The key that clients must know. */
  get authkey(): Buffer {
    return Buffer.from(this.#authkey);
  }

  /** The pid of the manager's process; `undefined` where this object has not started it. */
  get pid(): number | undefined {
    return this.#process?.pid;
  }

  /**
   * Starts the process. Types must have been registered before.
   *
   * @throws what `Process.start` throws, and the system's error where it can't listen at the address
   */
  async start(): Promise<this> {
    this.#check();
    this.#started ??= this.#start();
    await this.#started;
    return this;
  }

  /** Uses a manager that runs already, at the address and with the key given to the constructor. */
  async connect(): Promise<this> {
    this.#check();
    if (this.#address === undefined) throw invalidType('options.address', 'given to connect', this.#address);
    const link = linkTo(this.#address, this.#authkey);
    await link.request({ do: 'types' });
    this.#link = link;
    this.#started = Promise.resolve();
    return this;
  }

  /**
   * Lets the manager make objects of another class, before it starts. Returns the function that makes one, whose result's methods are
   * typed.
   *
   * @param type a class, or a function that returns an object
   * @throws `ERR_INVALID_ARG_TYPE`; `ERR_MANAGER_STARTED` once it runs
   */
  register<T extends object, A extends unknown[]>(
    name: string,
    type: (new (...args: A) => T) | ((...args: A) => T),
    options?: RegisterOptions,
  ): (...args: A) => Promise<ManagedProxy & Proxied<T>> {
    if (this.#process !== undefined) {
      throw Object.assign(new Error('types must be registered before the manager starts'), {
        code: 'ERR_MANAGER_STARTED',
      });
    }
    registerIn(this.#registry, name, type as AnyClass | AnyFactory, options);
    const create = (...args: A) => this.create<T>(name, ...args);
    if (!(name in this)) Object.defineProperty(this, name, { value: create, configurable: true });
    return create;
  }

  /** Makes an object of a registered type. Throws `ERR_NOT_REGISTERED`, and `RemoteError` where its constructor throws. */
  async create<T extends object = Record<string, () => unknown>>(
    type: string,
    ...args: unknown[]
  ): Promise<ManagedProxy & Proxied<T>> {
    checkString('type', type);
    const link = await this.#running();
    return (await link.request({ do: 'create', type, args })) as ManagedProxy & Proxied<T>;
  }

  dict<K = string, V = unknown>(init?: Iterable<[K, V]> | Record<string, V>): Promise<DictProxy<K, V>> {
    return this.#make('dict', init);
  }

  list<T = unknown>(init?: Iterable<T>): Promise<ListProxy<T>> {
    const values = init === undefined || globalThis.Array.isArray(init) ? init : [...init];
    return this.#make('list', values);
  }

  Namespace<T extends object = Record<string, unknown>>(init?: T): Promise<NamespaceProxy<T>> {
    return this.#make('Namespace', init);
  }

  Value<T = number>(type: TypeName | TypeCode, initial?: T): Promise<ValueProxy<T>> {
    return this.#make('Value', type, initial);
  }

  Array<T extends Scalar = number>(
    type: TypeName | TypeCode,
    sizeOrValues: number | Iterable<T>,
  ): Promise<ArrayProxy<Widen<T>>> {
    return this.#make('Array', type, typeof sizeOrValues === 'number' ? sizeOrValues : [...sizeOrValues]);
  }

  Lock(): Promise<LockProxy> {
    return this.#make('Lock');
  }

  RLock(): Promise<RLockProxy> {
    return this.#make('RLock');
  }

  Semaphore(value?: number): Promise<SemaphoreProxy> {
    return this.#make('Semaphore', value);
  }

  BoundedSemaphore(value?: number): Promise<SemaphoreProxy> {
    return this.#make('BoundedSemaphore', value);
  }

  Condition(): Promise<ConditionProxy> {
    return this.#make('Condition');
  }

  Event(): Promise<EventProxy> {
    return this.#make('Event');
  }

  Barrier(parties: number, options?: { timeout?: number }): Promise<BarrierProxy> {
    return this.#make('Barrier', parties, options);
  }

  Queue<T = unknown>(options?: { maxsize?: number } | number): Promise<QueueProxy<T>> {
    return this.#make('Queue', options);
  }

  JoinableQueue<T = unknown>(options?: { maxsize?: number } | number): Promise<JoinableQueueProxy<T>> {
    return this.#make('JoinableQueue', options);
  }

  /**
   * Ends the process, where this object started it, and with it all objects: asked to first, killed after `timeout` ms. Calls that are
   * under way end with `ERR_MANAGER_ENDED`.
   */
  async shutdown({ timeout = SHUTDOWN_TIMEOUT }: { timeout?: number } = {}): Promise<void> {
    if (this.#ended) return;
    this.#ended = true;
    await this.#started?.catch(() => {});
    const link = this.#link;
    const process = this.#process;
    if (process === undefined || this.#owner !== globalThis.process.pid) {
      this.#link = undefined;
      return;
    }
    if (link !== undefined && process.isAlive()) {
      const asked = link.request({ do: 'shutdown' }).catch(() => {});
      await Promise.race([asked, process.join({ timeout })]);
      await process.join({ timeout });
    }
    if (process.isAlive()) {
      process.kill();
      await process.join();
    }
    link?.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.shutdown();
  }

  [inspect.custom](): string {
    const state = this.#ended ? 'ended' : this.#link === undefined ? 'not started' : String(this.#address);
    return `Manager { ${state} }`;
  }

  #check(): void {
    if (this.#ended) throw new ManagerEndedError('the manager is shut down');
  }

  async #running(): Promise<ManagerLink> {
    this.#check();
    await this.start();
    this.#check();
    return this.#link as ManagerLink;
  }

  async #make<P>(type: string, ...args: unknown[]): Promise<P> {
    while (args.length > 0 && args.at(-1) === undefined) args.pop();
    return (await this.create(type, ...args)) as P;
  }

  async #start(): Promise<void> {
    // From a turn of the event loop: in a child that is forked while the program is still being loaded nothing is ever finalized.
    await new Promise<void>((resolve) => setImmediate(resolve));
    const [reader, writer] = Pipe({ duplex: false });
    const [address, authkey, registry] = [this.#address, this.#authkey, this.#registry];
    const child = new Process({
      name: 'prong-manager',
      daemon: true,
      target: serve,
      args: [writer, address, authkey, registry],
    });
    this.#process = child;
    this.#owner = globalThis.process.pid;
    try {
      const started = child.start();
      await started;
      writer.close();
      const told = (await reader.recv()) as { address: Address } | { error: unknown };
      if ('error' in told) {
        await child.join();
        throw told.error;
      }
      this.#address = told.address;
      this.#link = linkTo(told.address, authkey);
    } catch (error) {
      this.#process = undefined;
      const { code } = error as NodeJS.ErrnoException;
      throw code === 'EOF'
        ? new ManagerEndedError("the manager's process died while it started", { cause: error })
        : error;
    } finally {
      reader.close();
      writer.close();
    }
  }
}

/** Called without `new` too, as Python's `Manager()`. */
export const Manager = new Proxy(ManagerClass, {
  apply: (target, _self, args: [ManagerOptions?]) => new target(...args),
}) as typeof ManagerClass & ((options?: ManagerOptions) => ManagerClass);
export type Manager = ManagerClass;
