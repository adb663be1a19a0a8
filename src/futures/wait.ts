/** Waiting for several futures. */
import { TimeoutError } from '../errors.js';
import { checkTimeout, invalidType, invalidValue } from '../util/check.js';
import { behind, Future } from './future.js';

/** `wait` returns when one is done. */
export const FIRST_COMPLETED = 'FIRST_COMPLETED';
/** … when one has failed, or all are done. */
export const FIRST_EXCEPTION = 'FIRST_EXCEPTION';
/** … when all are done. */
export const ALL_COMPLETED = 'ALL_COMPLETED';

/** When `wait()` comes back. */
export interface WaitOptions {
  /** ms; `undefined` waits for ever. */
  timeout?: number | undefined;
  /** `ALL_COMPLETED` unless given. */
  returnWhen?: typeof FIRST_COMPLETED | typeof FIRST_EXCEPTION | typeof ALL_COMPLETED | undefined;
}

/** The futures of a `wait()`, as Python's `DoneAndNotDoneFutures`. */
export interface Waited<F extends Future> {
  done: Set<F>;
  notDone: Set<F>;
}

const LONGEST_TIMER = 2 ** 31 - 1;
const SLICE = 10;
const WAYS: readonly unknown[] = [FIRST_COMPLETED, FIRST_EXCEPTION, ALL_COMPLETED];

function listOf<F extends Future>(futures: Iterable<F>): F[] {
  if (typeof futures?.[Symbol.iterator] !== 'function') throw invalidType('fs', 'an iterable', futures);
  const all = [...new Set(futures)];
  for (const each of all) {
    if (!(each instanceof Future)) throw invalidType('each of fs', 'an instance of Future', each);
  }
  return all;
}

const failed = (future: Future): boolean => future.done() && future[behind].job.outcome.state === 'failed';

function isEnough(all: readonly Future[], way: string): boolean {
  if (way === FIRST_COMPLETED && all.some((future) => future.done())) return true;
  if (way === FIRST_EXCEPTION && all.some((future) => failed(future) && !future.cancelled())) return true;
  return all.every((future) => future.done());
}

function split<F extends Future>(all: readonly F[]): Waited<F> {
  return {
    done: new Set(all.filter((future) => future.done())),
    notDone: new Set(all.filter((future) => !future.done())),
  };
}

function check({ timeout, returnWhen = ALL_COMPLETED }: WaitOptions): [limit: number, way: string] {
  if (!WAYS.includes(returnWhen)) {
    throw invalidValue('options.returnWhen', `must be one of: ${WAYS.join(', ')}`, returnWhen);
  }
  return [checkTimeout(timeout), returnWhen];
}

/**
 * Waits for several futures, or for `timeout` ms.
 *
 * @see Python's `concurrent.futures.wait`
 */
export async function wait<F extends Future>(fs: Iterable<F>, options: WaitOptions = {}): Promise<Waited<F>> {
  const all = listOf(fs);
  const [limit, way] = check(options);
  if (limit > 0 && !isEnough(all, way)) {
    await new Promise<void>((resolve) => {
      let timer: NodeJS.Timeout | undefined;
      if (limit <= LONGEST_TIMER) timer = setTimeout(resolve, limit);
      for (const future of all) {
        future.addDoneCallback(() => {
          if (!isEnough(all, way)) return;
          clearTimeout(timer);
          resolve();
        });
      }
    });
  }
  return split(all);
}

/** As `wait`, blocking this thread. */
export function waitSync<F extends Future>(fs: Iterable<F>, options: WaitOptions = {}): Waited<F> {
  const all = listOf(fs);
  const [limit, way] = check(options);
  const end = performance.now() + limit;
  const enough = () => isEnough(all, way);
  // One executor is waited for at once, several by turns.
  const runs = new Set(all.map((future) => future[behind].runUntil));
  while (!enough() && performance.now() < end) {
    for (const run of runs) {
      if (run(enough, runs.size === 1 ? end : Math.min(end, performance.now() + SLICE))) break;
    }
  }
  return split(all);
}

class Completed<F extends Future> implements AsyncIterableIterator<F, undefined> {
  readonly #total: number;
  readonly #limit: number;
  readonly #end: number;
  readonly #done: F[] = [];
  #given = 0;
  #tell: () => void = () => {};

  constructor(all: readonly F[], limit: number) {
    this.#total = all.length;
    this.#limit = limit;
    this.#end = performance.now() + limit;
    for (const future of all) {
      future.addDoneCallback(() => {
        this.#done.push(future);
        this.#tell();
      });
    }
  }

  async next(): Promise<IteratorResult<F, undefined>> {
    if (this.#given === this.#total) return { done: true, value: undefined };
    const index = this.#given++;
    while (this.#done.length <= index) {
      const left = this.#end - performance.now();
      if (left <= 0) {
        const missing = this.#total - this.#done.length;
        this.#given = this.#total;
        throw new TimeoutError(`${missing} of ${this.#total} futures were not done within ${this.#limit} ms`);
      }
      await new Promise<void>((resolve) => {
        const timer = left <= LONGEST_TIMER ? setTimeout(resolve, left) : undefined;
        const before = this.#tell;
        this.#tell = () => {
          clearTimeout(timer);
          resolve();
          before();
        };
      });
    }
    return { done: false, value: this.#done[index] as F };
  }

  async return(): Promise<IteratorResult<F, undefined>> {
    this.#given = this.#total;
    return { done: true, value: undefined };
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}

/**
 * The futures as they are done. After `timeout` ms (from the call) it ends with `TimeoutError`.
 *
 * @see Python's `concurrent.futures.as_completed`
 */
export function asCompleted<F extends Future>(
  fs: Iterable<F>,
  options: { timeout?: number | undefined } = {},
): AsyncIterableIterator<F, undefined> {
  const all = listOf(fs);
  return new Completed(all, checkTimeout(options?.timeout));
}
