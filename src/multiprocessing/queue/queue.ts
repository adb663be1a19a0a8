import { ProngError, QueueClosed, QueueEmpty, QueueFull, QueueShutDown } from '../../errors.js';
import type { PlaceRef } from '../../sync/core.js';
import { handleKind, registerHandleType } from '../../sync/handle.js';
import { gone, knownAt, SharedObject } from '../../sync/shared-object.js';
import type { Ending } from '../../sync/waits.js';
import { checkBoolean, checkInteger, checkTimeout, invalidType } from '../../util/check.js';
import { engines, Outcome, type QueueEngine, Side } from './engine.js';

/** How large a queue may get. */
export interface QueueOptions {
  /** How many values the queue holds at most; 0 (default) or less: any number. */
  maxsize?: number | undefined;
}

export interface WaitOptions {
  /** Milliseconds; `undefined` waits for ever, 0 not at all. */
  timeout?: number | undefined;
}

const { outcome } = engines;
const FOREVER = Number.POSITIVE_INFINITY;

class AdoptedQueue {
  constructor(readonly engine: QueueEngine) {}
}

function limitOf(options: WaitOptions | undefined): number {
  if (options === undefined) return FOREVER;
  if (typeof options !== 'object' || options === null) throw invalidType('options', 'an object', options);
  return checkTimeout(options.timeout);
}

function checkMaxsize(value: unknown): number {
  checkInteger('options.maxsize', value, undefined, 2 ** 31 - 1);
  return Math.max(0, value);
}

function noMemory(): Error {
  const error = new Error('ENOMEM: there is no more shared memory for the queue');
  return Object.assign(error, { code: 'ENOMEM' });
}

function misplaced(what: string): Error {
  return new ProngError('ERR_INVALID_STATE', what);
}

/** What the queues have in common. */
abstract class AnyQueue<T> extends SharedObject implements AsyncIterable<T> {
  /** @internal */
  declare protected readonly engine: QueueEngine;
  #closed = false;
  /** The promises of this object that wait, and how to end them. */
  readonly #waits = new Set<Ending>();

  protected constructor(kind: string, source: number | AdoptedQueue) {
    const adopted = source instanceof AdoptedQueue;
    const engine = adopted ? source.engine : engines.create(source as number);
    super(engine, kind, !adopted, engines.dispose);
    // Hidden from a structured clone, which makes the handle.
    Object.defineProperty(this, 'engine', { value: engine });
  }

  /**
   * Puts a value without blocking the event loop; it is copied before this returns if there is room.
   * Rejects with `QueueFull` after `timeout` ms without room, `QueueShutDown`, `QueueClosed`, `DataCloneError`.
   */
  async put(value: T, options?: WaitOptions): Promise<void> {
    const ms = limitOf(options);
    let status = this.#tryPut(value);
    if (status !== Outcome.timedOut || ms === 0) return this.#putDone(status);
    const deadline = performance.now() + ms;
    while (status === Outcome.timedOut) {
      const left = deadline - performance.now();
      if (!(left > 0)) break;
      await this.#wait(Side.room, left);
      status = this.#tryPut(value);
    }
    this.#putDone(status);
  }

  /** As `put`, but blocks the thread. */
  putSync(value: T, options?: WaitOptions): void {
    const ms = limitOf(options);
    this.#checkOpen();
    let status = this.engine.put(value, ms);
    if (status === Outcome.done) return;
    const deadline = performance.now() + ms;
    while (status === Outcome.again) {
      status = this.engine.put(value, Math.max(0, deadline - performance.now()));
    }
    this.#putDone(status);
  }

  /** Puts a value if there is room for it, else throws `QueueFull`. */
  putNowait(value: T): void {
    this.#putDone(this.#tryPut(value));
  }

  /**
   * The next value, without blocking the event loop, which it keeps alive meanwhile. Rejects with `QueueEmpty` after `timeout` ms
   * without one, `QueueShutDown` once there is none left, `QueueClosed`.
   */
  get(options?: WaitOptions): Promise<T> {
    try {
      const ms = limitOf(options);
      const value = this.#tryGet();
      if (outcome[0] === Outcome.done) return Promise.resolve(value);
      return this.#getLater(ms, outcome[0] as number);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /** As `get`, but blocks the thread. */
  getSync(options?: WaitOptions): T {
    const ms = limitOf(options);
    this.#checkOpen();
    let value = this.engine.get(ms);
    if (outcome[0] === Outcome.done) return value as T;
    const deadline = performance.now() + ms;
    while (outcome[0] === Outcome.again) value = this.engine.get(Math.max(0, deadline - performance.now()));
    return this.#getDone(value as T);
  }

  /** The next value if there is one, else throws `QueueEmpty`. */
  getNowait(): T {
    return this.#getDone(this.#tryGet());
  }

  /** Whether there is nothing in it at this moment. */
  empty(): boolean {
    return this.#size() === 0;
  }

  /**
   * This process uses the queue no more: what it waits for ends with `QueueClosed`, and so does every later use of this object.
   * What was put stays there for the others.
   */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    for (const wait of [...this.#waits]) wait.end?.();
    this.engine.trim();
  }

  /**
   * Everybody's puts throw `QueueShutDown` from here on, and gets do once the queue is empty: at once with `immediate`, which takes out
   * what is there and counts it as done. Python's `queue.Queue.shutdown`.
   */
  shutdown(options: { immediate?: boolean | undefined } = {}): void {
    if (typeof options !== 'object' || options === null) throw invalidType('options', 'an object', options);
    const { immediate = false } = options;
    checkBoolean('options.immediate', immediate);
    this.engine.shutDown(immediate);
  }

  /** The values as they come, until the queue is shut down and empty, or closed. */
  async *[Symbol.asyncIterator](): AsyncGenerator<T, void, void> {
    for (;;) {
      let value: T;
      try {
        value = await this.get();
      } catch (error) {
        if (error instanceof QueueShutDown || error instanceof QueueClosed) return;
        throw error;
      }
      yield value;
    }
  }

  /** As `close`. */
  [Symbol.dispose](): void {
    this.close();
  }

  /** @internal */
  protected override describe(): string {
    return `size: ${this.#size()}`;
  }

  #size(): number {
    return this.engine.size();
  }

  /** @internal Waits for what a side stands for, at most `ms`. */
  protected async waitFor(side: number, ms: number): Promise<void> {
    await this.#wait(side, ms);
  }

  /** @internal */
  protected get closed(): boolean {
    return this.#closed;
  }

  #checkOpen(): void {
    if (this.#closed) throw new QueueClosed();
  }

  async #wait(side: number, ms: number): Promise<void> {
    const ending: Ending = {};
    this.#waits.add(ending);
    try {
      await this.engine.wait(side, ms, ending);
    } finally {
      this.#waits.delete(ending);
    }
  }

  #tryPut(value: T): number {
    this.#checkOpen();
    return this.engine.put(value, 0);
  }

  #putDone(status: number): void {
    if (status === Outcome.done) return;
    if (status === Outcome.timedOut || status === Outcome.again) throw new QueueFull();
    throw status === Outcome.shutDown ? new QueueShutDown() : noMemory();
  }

  #tryGet(): T {
    this.#checkOpen();
    return this.engine.get(0) as T;
  }

  async #getLater(ms: number, found: number): Promise<T> {
    const deadline = performance.now() + ms;
    outcome[0] = found;
    let value: T | undefined;
    while (outcome[0] === Outcome.timedOut) {
      const left = deadline - performance.now();
      if (!(left > 0)) break;
      await this.#wait(Side.items, left);
      value = this.#tryGet();
    }
    return this.#getDone(value as T);
  }

  #getDone(value: T): T {
    const status = outcome[0];
    if (status === Outcome.done) return value;
    if (status === Outcome.timedOut || status === Outcome.again) throw new QueueEmpty();
    throw status === Outcome.shutDown ? new QueueShutDown() : noMemory();
  }
}

/**
 * A queue between threads and processes, for any number of writers and readers: Python's `multiprocessing.Queue`. It can be
 * captured by a closure, passed in `args`, posted to a Worker and put on a queue.
 *
 * Values: what the structured clone algorithm takes, errors whole, primitives as themselves. Each value goes to one reader; the values of
 * one writer come in the order in which they were put. A reader or writer that is killed loses at most the value it held.
 */
export class Queue<T = unknown> extends AnyQueue<T> {
  constructor(options: QueueOptions | number | AdoptedQueue = {}, kind = 'Queue') {
    super(kind, sourceOf(options));
  }

  /** How many values it holds at most; 0: any number. */
  get maxsize(): number {
    return this.engine.maxsize;
  }

  /** How many values are in it at this moment. */
  qsize(): number {
    return this.engine.size();
  }

  /** Whether there is no room at this moment. */
  full(): boolean {
    return this.maxsize > 0 && this.engine.size() >= this.maxsize;
  }

  /**
   * For compatibility: what was put is in shared memory at once, and no thread has to be waited for.
   * Throws `ERR_INVALID_STATE` before `close()`, as Python does.
   */
  async joinThread(): Promise<void> {
    this.joinThreadSync();
  }

  /** As `joinThread`. */
  joinThreadSync(): void {
    if (!this.closed) throw misplaced('joinThread() comes after close()');
  }

  /** For compatibility: see `joinThread`. */
  cancelJoinThread(): void {}
}

/** A queue without a limit and without the rest: Python's `multiprocessing.SimpleQueue`. */
export class SimpleQueue<T = unknown> extends AnyQueue<T> {
  constructor(adopted?: AdoptedQueue) {
    super('SimpleQueue', adopted instanceof AdoptedQueue ? adopted : 0);
  }
}

/** A queue that knows which of its values have been dealt with: Python's `multiprocessing.JoinableQueue`. */
export class JoinableQueue<T = unknown> extends Queue<T> {
  constructor(options: QueueOptions | number | AdoptedQueue = {}) {
    super(options, 'JoinableQueue');
  }

  /** Says that a value that was got has been dealt with. Throws `RangeError` when called more often than there were values. */
  taskDone(): void {
    if (this.engine.taskDone() === Outcome.tooMany) {
      const error = new RangeError('taskDone() was called more often than values were put');
      throw Object.assign(error, { code: 'ERR_OUT_OF_RANGE' });
    }
  }

  /** Waits until every value that was put has been dealt with; `false` when `timeout` ms have passed. */
  async join(options?: WaitOptions): Promise<boolean> {
    const deadline = performance.now() + limitOf(options);
    while (this.engine.unfinished() > 0) {
      const left = deadline - performance.now();
      if (!(left > 0)) return false;
      if (this.closed) throw new QueueClosed();
      await this.waitFor(Side.tasks, left);
    }
    return true;
  }

  /** As `join`, but blocks the thread. */
  joinSync(options?: WaitOptions): boolean {
    const ms = limitOf(options);
    const deadline = performance.now() + ms;
    let status = this.engine.join(ms);
    while (status === Outcome.again) status = this.engine.join(Math.max(0, deadline - performance.now()));
    if (status === Outcome.noMemory) throw noMemory();
    return status === Outcome.done;
  }
}

function sourceOf(options: unknown): number | AdoptedQueue {
  if (options instanceof AdoptedQueue) return options;
  // Python's Queue(maxsize) by position.
  if (typeof options === 'number') return checkMaxsize(options);
  if (typeof options !== 'object' || options === null) throw invalidType('options', 'an object', options);
  return checkMaxsize((options as QueueOptions).maxsize ?? 0);
}

function travels(type: { prototype: object }, name: string, adopt: (adopted: AdoptedQueue) => object): void {
  Object.defineProperty(type.prototype, handleKind, { value: name });
  registerHandleType(name, {
    pack: (object) => ({ ref: (object as SharedObject).ref }),
    unpack(data) {
      const ref = data.ref as PlaceRef;
      const known = knownAt(ref);
      if (known !== undefined) return known;
      const engine = engines.find(ref);
      if (engine === undefined) throw gone(name);
      return adopt(new AdoptedQueue(engine));
    },
  });
}
travels(Queue, 'Queue', (adopted) => new Queue(adopted));
travels(SimpleQueue, 'SimpleQueue', (adopted) => new SimpleQueue(adopted));
travels(JoinableQueue, 'JoinableQueue', (adopted) => new JoinableQueue(adopted));
