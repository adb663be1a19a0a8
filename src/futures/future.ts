import { inspect } from 'node:util';
import { TimeoutError } from '../errors.js';
import { PoolError } from '../multiprocessing/pool/errors.js';
import type { Submitted } from '../multiprocessing/pool/pool.js';
import { checkFunction, checkTimeout } from '../util/check.js';
import { type BrokenExecutor, CancelledError } from './errors.js';

type Broken = new (message: string, options?: ErrorOptions) => BrokenExecutor;

/** @internal What is behind a future. */
export const behind = Symbol('prong.future');

/**
 * A call that an executor was asked for: `submit` gives one. It is not thenable, so that it can be handed around: `await
 * future.result()`.
 *
 * @see Python's `concurrent.futures.Future`
 */
export class Future<T = unknown> {
  /** @internal */
  readonly [behind]: Submitted;
  readonly #broken: Broken;
  #cancelled = false;

  /** @internal */
  constructor(submitted: Submitted, broken: Broken) {
    this[behind] = submitted;
    this.#broken = broken;
  }

  /** Keeps it from being begun. False where it has begun or is done; it goes on then. */
  cancel(): boolean {
    if (this.#cancelled) return true;
    const { job, cancel } = this[behind];
    if (job.begun || job.settled) return false;
    this.#cancelled = true;
    job.outcome.ask();
    cancel(new CancelledError());
    return true;
  }

  /** Whether it has been cancelled. */
  cancelled(): boolean {
    return this.#cancelled;
  }

  /** Whether a worker has it. */
  running(): boolean {
    const { begun, settled } = this[behind].job;
    return begun && !settled;
  }

  /** Whether it has ended, or was cancelled. */
  done(): boolean {
    return this[behind].job.settled;
  }

  /**
   * What the function returned. Rejects with what it threw, with `CancelledError`, and after `timeout` ms with
   * `TimeoutError`: the call goes on then.
   */
  async result(options: { timeout?: number } = {}): Promise<T> {
    await this.#wait(checkTimeout(options?.timeout));
    return this.#value();
  }

  /** As `result`, blocking this thread. */
  resultSync(options: { timeout?: number } = {}): T {
    this.#waitSync(checkTimeout(options?.timeout));
    return this.#value();
  }

  /** What the function threw; `null` where it returned. Rejects with `CancelledError` and `TimeoutError`. */
  async exception(options: { timeout?: number } = {}): Promise<unknown> {
    await this.#wait(checkTimeout(options?.timeout));
    return this.#exception();
  }

  /** As `exception`, blocking this thread. */
  exceptionSync(options: { timeout?: number } = {}): unknown {
    this.#waitSync(checkTimeout(options?.timeout));
    return this.#exception();
  }

  /** Calls `fn(future)` when it is done or cancelled; at once if it is. */
  addDoneCallback(fn: (future: this) => void): void {
    checkFunction('fn', fn);
    this[behind].job.outcome.onSettled(() => {
      try {
        fn(this);
      } catch (error) {
        process.nextTick(() => {
          throw error;
        });
      }
    });
  }

  /** Shows its state in `console.log`, as Python's `repr` does. */
  [inspect.custom](): string {
    const state = this.#cancelled
      ? 'cancelled'
      : this.done()
        ? 'done'
        : this.running()
          ? 'running'
          : 'pending';
    return `Future { ${state} }`;
  }

  #value(): T {
    const { outcome } = this[behind].job;
    if (outcome.state === 'failed') throw this.#own(outcome.error);
    return outcome.value as T;
  }

  #exception(): unknown {
    const { outcome } = this[behind].job;
    outcome.ask();
    if (outcome.state === 'done') return null;
    if (this.#cancelled) throw outcome.error;
    return this.#own(outcome.error);
  }

  #own(error: unknown): unknown {
    this[behind].job.outcome.ask();
    if (!(error instanceof PoolError) || error.code !== 'ERR_POOL_BROKEN') return error;
    return new this.#broken(error.message, { cause: error.cause });
  }

  async #wait(timeout: number): Promise<void> {
    if (!(await this[behind].job.outcome.within(timeout))) throw late(timeout);
  }

  #waitSync(timeout: number): void {
    const { job, runUntil } = this[behind];
    job.outcome.ask();
    if (!runUntil(() => this.done(), performance.now() + timeout)) throw late(timeout);
  }
}

function late(timeout: number): TimeoutError {
  return new TimeoutError(`the future was not done within ${timeout} ms`);
}
