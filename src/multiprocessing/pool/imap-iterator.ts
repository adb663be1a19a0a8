import { TimeoutError } from '../../errors.js';
import { checkTimeout } from '../../util/check.js';
import type { StreamJob } from './jobs/stream-job.js';

const LONGEST_TIMER = 2 ** 31 - 1;

/**
 * The results of `imap` and `imapUnordered`, as they come: for `for await`, or one by one by `next`. Leaving the loop early drops what
 * has not been begun. Where a task failed, `next` rejects, and the one after it gives the next result.
 *
 * @see Python's `multiprocessing.pool.IMapIterator`
 */
export class ImapIterator<T> implements AsyncIterableIterator<T, undefined> {
  readonly #job: StreamJob;
  /** A result that came too late for whoever wanted it first. */
  #late: Promise<IteratorResult<unknown>> | undefined;

  /** @internal */
  constructor(job: StreamJob) {
    this.#job = job;
  }

  /** The next result. With `timeout` (ms) it rejects with `TimeoutError` where there is none in time; the result is not lost. */
  async next(options?: { timeout?: number }): Promise<IteratorResult<T, undefined>> {
    const timeout = checkTimeout(options?.timeout);
    const result = this.#late ?? this.#job.fetch();
    this.#late = undefined;
    if (timeout > LONGEST_TIMER) return result as Promise<IteratorResult<T, undefined>>;
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<undefined>((resolve) => {
      timer = setTimeout(resolve, timeout, undefined);
    });
    const first = await Promise.race([result, late]).finally(() => clearTimeout(timer));
    if (first !== undefined) return first as IteratorResult<T, undefined>;
    this.#late = result;
    result.catch(() => {});
    throw new TimeoutError(`there was no result within ${timeout} ms`);
  }

  /** Ends the iteration, as `break` in a `for await` does: takes no further items, and stops the tasks that run. */
  async return(): Promise<IteratorResult<T, undefined>> {
    this.#job.stop();
    return { done: true, value: undefined };
  }

  /** Itself: it can be iterated once. */
  [Symbol.asyncIterator](): this {
    return this;
  }

  /** As `return()`. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#job.stop();
  }
}
