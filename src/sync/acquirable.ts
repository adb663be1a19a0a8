/** `hold` and `with` for everything that has `acquire` and `release`. */
import { TimeoutError } from '../errors.js';
import { checkFunction, checkTimeout } from '../util/check.js';
import { type Guard, guard } from './dispose.js';
import { SharedObject } from './shared-object.js';

export interface TimeoutOptions {
  /** In ms. `undefined` waits for ever, 0 does not wait. */
  timeout?: number | undefined;
}

/** The limit in ms of an options object that may be missing. */
export function limitOf(options: TimeoutOptions | undefined): number {
  if (options === undefined) return Number.POSITIVE_INFINITY;
  if (options === null || typeof options !== 'object') {
    throw Object.assign(new TypeError('The "options" argument must be an object, as in { timeout: 500 }'), {
      code: 'ERR_INVALID_ARG_TYPE',
    });
  }
  return checkTimeout(options.timeout);
}

export abstract class Acquirable extends SharedObject {
  abstract acquire(options?: TimeoutOptions): Promise<boolean>;
  abstract acquireSync(options?: TimeoutOptions): boolean;
  abstract tryAcquire(): boolean;
  abstract release(): void;

  /** Acquires and gives a guard for `await using`. Rejects with `TimeoutError` when `timeout` ms have passed. */
  async hold(options?: TimeoutOptions): Promise<Guard> {
    if (!(await this.acquire(options))) throw this.late(options);
    return guard(() => this.release());
  }

  /** Acquires, blocking, and gives a guard for `using`. Throws `TimeoutError` when `timeout` ms have passed. */
  holdSync(options?: TimeoutOptions): Guard {
    if (!this.acquireSync(options)) throw this.late(options);
    return guard(() => this.release());
  }

  /** Runs `fn` while holding this, and resolves with what it returns. Rejects with `TimeoutError` when time runs out. */
  async with<R>(fn: () => R | PromiseLike<R>, options?: TimeoutOptions): Promise<Awaited<R>> {
    checkFunction('fn', fn);
    if (!(await this.acquire(options))) throw this.late(options);
    try {
      return await fn();
    } finally {
      this.release();
    }
  }

  /** Runs `fn` while holding this, blocking for it, and returns what it returns. Throws `TimeoutError`. */
  withSync<R>(fn: () => R, options?: TimeoutOptions): R {
    checkFunction('fn', fn);
    if (!this.acquireSync(options)) throw this.late(options);
    try {
      return fn();
    } finally {
      this.release();
    }
  }

  /** @internal */
  protected late(options: TimeoutOptions | undefined): TimeoutError {
    return new TimeoutError(`${this.constructor.name} was not acquired within ${options?.timeout} ms`);
  }
}
