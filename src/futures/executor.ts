import { cpus } from 'node:os';
import '../sync/dispose.js';
import { TimeoutError } from '../errors.js';
import { type Pool, submit } from '../multiprocessing/pool/pool.js';
import { checkBoolean, checkTimeout, invalidType } from '../util/check.js';
import { BrokenExecutor, InvalidStateError } from './errors.js';
import { behind, Future } from './future.js';

// biome-ignore lint/suspicious/noExplicitAny: any function at all
type AnyFunction<R = unknown> = (...args: any[]) => R;

/** How `Executor.map` cuts its items up and how long it waits. */
export interface MapOptions {
  /** ms, from the call of `map`, until `next` rejects with `TimeoutError`. */
  timeout?: number | undefined;
  /** As in Python; small calls go to a worker together anyway. */
  chunksize?: number | undefined;
}

/** What `shutdown()` does with the calls that are still there. */
export interface ShutdownOptions {
  /** Whether to wait until all is done and the workers are gone; true unless given. */
  wait?: boolean | undefined;
  /** Whether what has not begun is cancelled; false unless given. */
  cancelFutures?: boolean | undefined;
}

/** Python's default for threads: most of what they do is waiting. */
export const threadsByDefault = (): number => Math.min(32, cpus().length + 4);

/**
 * Calls functions some time: Python's `concurrent.futures.Executor`. Make a `ProcessPoolExecutor` or a `ThreadPoolExecutor`.
 *
 *     await using executor = new ProcessPoolExecutor(4);
 *     const future = executor.submit((a, b) => a ** b, 2, 10);
 *     console.log(await future.result()); // 1024
 */
export abstract class Executor {
  readonly #pool: Pool;
  readonly #broken: typeof BrokenExecutor;
  readonly #pending = new Set<Future>();
  #shut = false;

  /** @internal */
  constructor(pool: Pool, broken: typeof BrokenExecutor = BrokenExecutor) {
    this.#pool = pool;
    this.#broken = broken;
  }

  /** Has `fn(...args)` called by a worker. Throws `ERR_EXECUTOR_SHUT_DOWN` after `shutdown`. */
  submit<A extends unknown[], R>(fn: (...args: A) => R, ...args: A): Future<Awaited<R>> {
    if (this.#shut) {
      throw new InvalidStateError('cannot schedule new futures after shutdown', 'ERR_EXECUTOR_SHUT_DOWN');
    }
    const submitted = this.#pool[submit](fn, args, Executor.prototype.submit, 'Executor.submit');
    const future = new Future<Awaited<R>>(submitted, this.#broken);
    this.#pending.add(future);
    submitted.job.outcome.onSettled(() => void this.#pending.delete(future));
    return future;
  }

  /**
   * Calls `fn` with the first items of all iterables, with the second ones, and so on until one ends: all are asked for at
   * once. Gives the results in that order; a call that failed ends it with its error. Leaving the loop early cancels what
   * has not begun.
   *
   * @param rest the iterables; then, if you like, `MapOptions`
   */
  map<R>(fn: AnyFunction<R>, ...rest: unknown[]): AsyncGenerator<Awaited<R>, void, void> {
    const last = rest.at(-1);
    const hasOptions = rest.length > 1 && typeof last === 'object' && last !== null && !isIterable(last);
    const { timeout } = (hasOptions ? rest.pop() : {}) as MapOptions;
    const limit = checkTimeout(timeout);
    for (const each of rest) if (!isIterable(each)) throw invalidType('iterable', 'an iterable', each);
    if (rest.length === 0) throw invalidType('iterable', 'an iterable', undefined);
    const end = performance.now() + limit;
    const futures = zip(rest as Iterable<unknown>[]).map((args) => this.submit(fn, ...args));
    // Those behind the first that fails need nobody to ask for them.
    for (const future of futures) future[behind].job.outcome.ask();
    return results(futures, limit, end);
  }

  /**
   * No more calls. Waits, unless told not to, until all there are have been done and the workers have ended.
   *
   * @param options as Python's, `cancelFutures` for `cancel_futures`
   */
  async shutdown(options: ShutdownOptions = {}): Promise<void> {
    if (this.#shutdown(options)) await this.#pool.join();
  }

  /** As `shutdown`, blocking this thread. */
  shutdownSync(options: ShutdownOptions = {}): void {
    if (this.#shutdown(options)) this.#pool.joinSync();
  }

  #shutdown({ wait = true, cancelFutures = false }: ShutdownOptions): boolean {
    checkBoolean('options.wait', wait);
    checkBoolean('options.cancelFutures', cancelFutures);
    this.#shut = true;
    if (cancelFutures) for (const future of [...this.#pending]) future.cancel();
    this.#pool.close();
    return wait;
  }

  /** As Python's `with`: `shutdown()`, and waits for it. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.shutdown();
  }
}

const isIterable = (value: unknown): value is Iterable<unknown> =>
  value !== undefined &&
  value !== null &&
  typeof (value as Iterable<unknown>)[Symbol.iterator] === 'function';

function zip(iterables: Iterable<unknown>[]): unknown[][] {
  const iterators = iterables.map((each) => each[Symbol.iterator]());
  const rows: unknown[][] = [];
  for (;;) {
    const row: unknown[] = [];
    for (const iterator of iterators) {
      const { done, value } = iterator.next();
      if (done) {
        for (const other of iterators) if (other !== iterator) other.return?.();
        return rows;
      }
      row.push(value);
    }
    rows.push(row);
  }
}

async function* results<T>(futures: Future<T>[], limit: number, end: number): AsyncGenerator<T, void, void> {
  try {
    for (const future of futures) {
      let value: T;
      try {
        value = await future.result({ timeout: Math.max(0, end - performance.now()) });
      } catch (error) {
        if (error instanceof TimeoutError && !future.done()) {
          throw new TimeoutError(`not all was done within ${limit} ms`);
        }
        throw error;
      }
      yield value;
    }
  } finally {
    for (const future of futures) future.cancel();
  }
}
