import { AsyncResource } from 'node:async_hooks';
import { inspect } from 'node:util';
import { TimeoutError } from '../../errors.js';
import { checkTimeout } from '../../util/check.js';
import { PoolError } from './errors.js';
import type { Outcome } from './jobs/outcome.js';

/** Blocks until the condition holds, or the time (as `performance.now()` counts) has come: the pool's `runUntil`. */
export type RunUntil = (done: () => boolean, deadline: number) => boolean;

/**
 * What `applyAsync`, `mapAsync` and `starmapAsync` give: a result that will be there. It is thenable, so it can be awaited.
 *
 * @see Python's `multiprocessing.pool.AsyncResult`
 */
export class AsyncResult<T = unknown> implements PromiseLike<T> {
  readonly #outcome: Outcome<T>;
  readonly #runUntil: RunUntil;

  /** @internal */
  constructor(outcome: Outcome<T>, runUntil: RunUntil) {
    this.#outcome = outcome;
    this.#runUntil = runUntil;
  }

  /**
   * The result. Rejects with the task's error, and after `timeout` ms with `TimeoutError` (`ETIMEDOUT`): the task goes on then.
   */
  async get(options: { timeout?: number } = {}): Promise<T> {
    const timeout = checkTimeout(options?.timeout);
    if (!(await this.#outcome.within(timeout))) throw late(timeout);
    return this.#outcome.value;
  }

  /** As `get`, blocking this thread. */
  getSync(options: { timeout?: number } = {}): T {
    const timeout = checkTimeout(options?.timeout);
    if (!this.#waitSync(timeout)) throw late(timeout);
    return this.#outcome.value;
  }

  /** Waits until the result is there, or for `timeout` ms; whatever came of it. */
  async wait(options: { timeout?: number } = {}): Promise<void> {
    await this.#outcome.within(checkTimeout(options?.timeout));
  }

  /** As `wait`, blocking this thread. */
  waitSync(options: { timeout?: number } = {}): void {
    this.#waitSync(checkTimeout(options?.timeout));
  }

  /** Whether it has ended. */
  ready(): boolean {
    return this.#outcome.state !== 'pending';
  }

  /** Whether it has ended without an error. Throws `ERR_POOL_NOT_READY` while it has not ended. */
  successful(): boolean {
    if (!this.ready()) throw new PoolError('the result is not there yet', 'ERR_POOL_NOT_READY');
    this.#outcome.ask();
    return this.#outcome.state === 'done';
  }

  then<A = T, B = never>(
    onFulfilled?: ((value: T) => A | PromiseLike<A>) | null,
    onRejected?: ((reason: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    return this.#outcome.promise.then(onFulfilled, onRejected);
  }

  /** As `Promise.prototype.catch`. */
  catch<B = never>(onRejected?: ((reason: unknown) => B | PromiseLike<B>) | null): Promise<T | B> {
    return this.then(undefined, onRejected);
  }

  /** As `Promise.prototype.finally`. */
  finally(onFinally?: (() => void) | null): Promise<T> {
    return this.#outcome.promise.finally(onFinally);
  }

  /** Shows its state in `console.log`. */
  [inspect.custom](): string {
    return `AsyncResult { ${this.#outcome.state} }`;
  }

  #waitSync(timeout: number): boolean {
    this.#outcome.ask();
    return this.ready() || this.#runUntil(() => this.ready(), performance.now() + timeout);
  }
}

function late(timeout: number): TimeoutError {
  return new TimeoutError(`the result was not there within ${timeout} ms`);
}

/** The callbacks are called in the async context in which they were given; an exception in one is nobody's but the process's. */
export function callBack<T>(
  outcome: Outcome<T>,
  callback: ((value: T) => void) | undefined,
  errorCallback: ((error: unknown) => void) | undefined,
): void {
  if (callback === undefined && errorCallback === undefined) return;
  if (errorCallback !== undefined) outcome.ask();
  const listener = AsyncResource.bind(() => {
    try {
      if (outcome.state === 'done') callback?.(outcome.value);
      else errorCallback?.(outcome.error);
    } catch (error) {
      process.nextTick(() => {
        throw error;
      });
    }
  });
  outcome.onSettled(listener);
}
