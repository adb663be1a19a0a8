/** Queues that live in a manager's process: what waits in them is kept whatever becomes of its sender. */

import { QueueEmpty, QueueFull } from '../../../errors.js';
import { checkInteger, checkTimeout } from '../../../util/check.js';
import { caller, Line, type TimeLimit } from '../waiters.js';

interface QueueOptions {
  maxsize?: number | undefined;
}

export class ManagedQueue<T = unknown> {
  readonly #items: T[] = [];
  readonly #maxsize: number;
  readonly #getters = new Line();
  readonly #putters = new Line();

  constructor(options: QueueOptions | number = {}) {
    const maxsize = typeof options === 'number' ? options : (options?.maxsize ?? 0);
    checkInteger('options.maxsize', maxsize, 0);
    this.#maxsize = maxsize;
  }

  /** Throws `QueueFull` where there is no room within the time. */
  async put(value: T, options?: TimeLimit): Promise<void> {
    const deadline = performance.now() + checkTimeout(options?.timeout);
    while (this.full()) {
      if (!(await this.#putters.wait(deadline - performance.now()))) throw new QueueFull();
    }
    this.added();
    this.#items.push(value);
    this.#getters.call();
  }

  putNowait(value: T): Promise<void> {
    return this.put(value, { timeout: 0 });
  }

  /** Throws `QueueEmpty` where nothing comes within the time. */
  async get(options?: TimeLimit): Promise<T> {
    const deadline = performance.now() + checkTimeout(options?.timeout);
    while (this.#items.length === 0) {
      if (!(await this.#getters.wait(deadline - performance.now()))) throw new QueueEmpty();
    }
    try {
      caller();
    } catch (error) {
      // Somebody who was called up and died leaves its turn to the next.
      this.#getters.call();
      throw error;
    }
    const value = this.#items.shift() as T;
    this.#putters.call();
    if (this.#items.length > 0) this.#getters.call();
    return value;
  }

  getNowait(): Promise<T> {
    return this.get({ timeout: 0 });
  }

  qsize(): number {
    return this.#items.length;
  }

  empty(): boolean {
    return this.#items.length === 0;
  }

  full(): boolean {
    return this.#maxsize > 0 && this.#items.length >= this.#maxsize;
  }

  protected added(): void {}
}

export class ManagedJoinableQueue<T = unknown> extends ManagedQueue<T> {
  #unfinished = 0;
  readonly #joiners = new Line();

  protected override added(): void {
    this.#unfinished++;
  }

  /** Throws `ERR_OUT_OF_RANGE` where it is called more often than something was put. */
  taskDone(): void {
    if (this.#unfinished === 0) {
      throw Object.assign(new RangeError('taskDone() called too many times'), { code: 'ERR_OUT_OF_RANGE' });
    }
    if (--this.#unfinished === 0) this.#joiners.call(this.#joiners.length);
  }

  async join(options?: TimeLimit): Promise<boolean> {
    const ms = checkTimeout(options?.timeout);
    return this.#unfinished === 0 || this.#joiners.wait(ms);
  }
}
