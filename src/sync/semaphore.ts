import { checkInteger } from '../util/check.js';
import { Acquirable, limitOf, type TimeoutOptions } from './acquirable.js';
import { core, Status } from './core.js';
import { lockError } from './lock.js';
import { Adopted, travels } from './shared-object.js';

/** The most places a semaphore can have. */
const MOST = 2 ** 29 - 1;

/** A number of places, taken by `acquire` and given back by `release`, by whomever: Python's `Semaphore`. */
export class Semaphore extends Acquirable {
  readonly #words: Int32Array;
  readonly #index: number;
  readonly #place;
  readonly #limit: number;
  /** @internal What a bounded one may not go beyond; travels with a clone. */
  readonly bound: number | undefined;

  /** @param value How many places are free at first: 0 to 2^29 - 1. Default: 1. */
  constructor(value: number | Adopted = 1, bounded = false) {
    const adopted = value instanceof Adopted ? value : undefined;
    if (!adopted) checkInteger('value', value, 0, MOST);
    const bound = adopted
      ? (adopted.data.bound as number | undefined)
      : bounded
        ? (value as number)
        : undefined;
    const place = adopted?.place ?? core.create('semaphore', value as number, bound ?? MOST);
    super(place, bound === undefined ? 'Semaphore' : 'BoundedSemaphore', adopted === undefined);
    this.#place = place;
    this.#words = place.words;
    this.#index = place.index;
    this.bound = bound;
    this.#limit = bound ?? MOST;
  }

  /** How many places are free. */
  get value(): number {
    const word = Atomics.load(this.#words, this.#index);
    if (word === -1) throw lockError(this.constructor.name, undefined, Status.destroyed);
    return word & MOST;
  }

  /** Takes a place without blocking the event loop. Resolves with `false` when `timeout` ms have passed. */
  acquire(options?: TimeoutOptions): Promise<boolean> {
    try {
      const limit = limitOf(options);
      if (this.#take()) return Promise.resolve(true);
      if (limit === 0) return Promise.resolve(this.#settle(core.tryOnce(this.#place)));
      return core.wait(this.#place, limit).then((status) => this.#settle(status));
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /** Takes a place, blocking this thread. `false` when `timeout` ms have passed. */
  acquireSync(options?: TimeoutOptions): boolean {
    if (options === undefined && this.#take()) return true;
    return this.#settle(core.waitSync(this.#place, limitOf(options)));
  }

  /** Takes a place if one is free. */
  tryAcquire(): boolean {
    return this.#take() || this.#settle(core.tryOnce(this.#place));
  }

  /** Gives `n` places back, or adds them. Throws `RangeError` beyond the bound, and then changes nothing. */
  release(n = 1): void {
    if (n !== 1) checkInteger('n', n, 1, MOST);
    const word = Atomics.load(this.#words, this.#index);
    if (word >= 0 && word <= this.#limit - n && word <= MOST) {
      if (Atomics.compareExchange(this.#words, this.#index, word, word + n) === word) return;
    }
    const status = core.semaphoreRelease(this.#place, n);
    if (status === Status.tooMany) {
      throw Object.assign(
        new RangeError(`the semaphore was released too often: it has ${this.#limit} places`),
        {
          code: 'ERR_OUT_OF_RANGE',
        },
      );
    }
    this.#settle(status);
  }

  /** Ends the use of it everywhere: from here on, and for those who wait, every call throws `ThreadError`. */
  destroy(): void {
    core.destroy(this.#place);
  }

  /** @internal */
  protected override describe(): string {
    return `value: ${this.value}`;
  }

  #take(): boolean {
    const word = Atomics.load(this.#words, this.#index);
    return (
      word > 0 && word <= MOST && Atomics.compareExchange(this.#words, this.#index, word, word - 1) === word
    );
  }

  #settle(status: number): boolean {
    if (status === Status.done) return true;
    if (status === Status.timedOut || status === Status.again) return false;
    throw lockError(this.constructor.name, undefined, status);
  }
}

/** A semaphore that never has more places free than at first: Python's `BoundedSemaphore`. */
export class BoundedSemaphore extends Semaphore {
  constructor(value: number | Adopted = 1) {
    super(value, true);
  }
}

travels(Semaphore, 'Semaphore', 'semaphore', (adopted) => new Semaphore(adopted));
travels(BoundedSemaphore, 'BoundedSemaphore', 'semaphore', (adopted) => new BoundedSemaphore(adopted));
