/** A raw pthread mutex. */
import { constants } from 'node:os';
import { inspect } from 'node:util';
import { nativePart, requireNative } from '../binding.js';
import { ProngError } from '../errors.js';
import { type Handle, handleKind, registerHandleType } from '../sync/handle.js';
import { checkBoolean, checkTimeout, invalidValue } from '../util/check.js';
import { checkObject } from './arguments.js';

interface MutexBinding {
  create(type: number, robust: boolean, shared: boolean, inherit: boolean): [at: number, serial: number];
  exists(at: number, serial: number): boolean;
  lock(at: number, serial: number, timeout: number): number;
  tryLock(at: number, serial: number): number;
  unlock(at: number, serial: number): number;
  consistent(at: number, serial: number): number;
  destroy(at: number, serial: number): number;
  failure(errno: number, call: string): Error;
}

/** What kind of mutex. */
export interface MutexOptions {
  /**
   * What happens when a thread locks it once more. `normal` (the default): it waits for ever; `errorcheck`: `EDEADLK`;
   * `recursive`: it has to unlock as often.
   */
  type?: 'normal' | 'errorcheck' | 'recursive';
  /** When the holder dies, the next one gets it, and `EOWNERDEAD`. Default: false, and everybody waits for ever. */
  robust?: boolean;
  /** It works between this process and those it forks later. Default: false, and each has its own copy. */
  shared?: boolean;
  /** `inherit`: the holder runs at the priority of the first in line who waits. Default: `none`. */
  protocol?: 'none' | 'inherit';
}

/** How long to wait for it. */
export interface LockOptions {
  /** Milliseconds; 0 tries once. Default: for ever. */
  timeout?: number | undefined;
}

const TYPES = ['normal', 'errorcheck', 'recursive'] as const;
const PROTOCOLS = ['none', 'inherit'] as const;
const KIND = 'posix.Mutex';
const FOR_EVER = -1;
const DESTROYED = -1;
const LONGEST_PAUSE = 16;

const native = nativePart<MutexBinding>('mutex');
const { EBUSY, ETIMEDOUT } = constants.errno;

function oneOf<T extends string>(name: string, value: unknown, known: readonly T[]): T {
  if (value === undefined) return known[0] as T;
  if (known.includes(value as T)) return value as T;
  throw invalidValue(name, `must be one of ${known.map((one) => `'${one}'`).join(', ')}`, value);
}

function flag(name: string, value: unknown): boolean {
  if (value === undefined) return false;
  checkBoolean(name, value);
  return value;
}

function timeoutOf(options: unknown): number {
  if (options === undefined) return Number.POSITIVE_INFINITY;
  checkObject<LockOptions>('options', options);
  return checkTimeout(options.timeout);
}

const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

/** Stands in for the options where the mutex is there already. */
class Existing {
  constructor(
    readonly at: number,
    readonly serial: number,
  ) {}
}

/**
 * A `pthread_mutex_t`, for what `Lock` is too comfortable for. It belongs to the thread that locked it, and lives until
 * `destroy()` or the end of the process. Failures throw with pthread's own codes; after `destroy()` every call throws
 * `ERR_DESTROYED`.
 *
 * `EOWNERDEAD` (robust ones only) is thrown to whom now *holds* it: call `consistent()`, once what it guards is in
 * order, and `unlock()`. Without `consistent()` it is `ENOTRECOVERABLE` from then on.
 *
 * It travels to Workers as a handle, and with `shared: true` works in forked children.
 *
 * @see https://pubs.opengroup.org/onlinepubs/9799919799/functions/pthread_mutex_lock.html
 */
export class Mutex {
  /** @internal These fields survive a structured clone: such a clone is a handle. */
  readonly __prong: string;
  /** @internal */
  readonly at: number;
  /** @internal */
  readonly serial: number;

  /**
   * @throws `ENOMEM`, `ENOTSUP` without the addon
   */
  constructor(options: MutexOptions = {}) {
    this.__prong = KIND;
    if (options instanceof Existing) {
      this.at = options.at;
      this.serial = options.serial;
      return;
    }
    checkObject<MutexOptions>('options', options);
    const type = TYPES.indexOf(oneOf('options.type', options.type, TYPES));
    const robust = flag('options.robust', options.robust);
    const shared = flag('options.shared', options.shared);
    const inherit = oneOf('options.protocol', options.protocol, PROTOCOLS) === 'inherit';
    const binding = native ?? requireNative<MutexBinding>('mutex', 'Mutex');
    [this.at, this.serial] = binding.create(type, robust, shared, inherit);
  }

  /** The mutex that a handle or a structured clone stands for. Throws `ERR_DESTROYED` where it is gone. */
  static fromHandle(handle: object): Mutex {
    checkObject<{ at: number; serial: number }>('handle', handle);
    const { at, serial } = handle;
    if (!Number.isSafeInteger(at) || !Number.isSafeInteger(serial)) {
      throw invalidValue('handle', 'must be the handle of a Mutex', handle);
    }
    const binding = native ?? requireNative<MutexBinding>('mutex', 'Mutex');
    if (!binding.exists(at, serial)) throw destroyed();
    return new Mutex(new Existing(at, serial) as MutexOptions);
  }

  /**
   * Locks it, blocking this thread meanwhile.
   *
   * @throws `ETIMEDOUT`, `EDEADLK`, `EOWNERDEAD`, `ENOTRECOVERABLE`, `EAGAIN` (locked too often)
   */
  lockSync(options?: LockOptions): void {
    const timeout = timeoutOf(options);
    check(this.#lock(timeout === Number.POSITIVE_INFINITY ? FOR_EVER : timeout), 'pthread_mutex_lock');
  }

  /**
   * Locks it without blocking the event loop. Since a pthread mutex belongs to a thread, nobody else can wait in this
   * one's place: it tries here, and again after pauses of 1 to 16 ms. Nobody is kept in order. The holder is the thread,
   * and not the asynchronous task: another `lock()` in this thread is the same owner's.
   *
   * @throws as `lockSync`, by rejecting
   */
  async lock(options?: LockOptions): Promise<void> {
    const timeout = timeoutOf(options);
    const until = performance.now() + timeout;
    for (let ms = 1; ; ms = Math.min(ms * 2, LONGEST_PAUSE)) {
      const result = this.#lock(0);
      if (result !== ETIMEDOUT) return check(result, 'pthread_mutex_lock');
      const left = until - performance.now();
      if (left <= 0) return check(result, 'pthread_mutex_lock');
      await pause(Math.min(ms, left));
    }
  }

  /**
   * Locks it if that is possible at once. False where somebody holds it: for `normal` and `errorcheck` that may be this
   * thread.
   *
   * @throws `EOWNERDEAD`, `ENOTRECOVERABLE`, `EAGAIN`
   */
  tryLock(): boolean {
    const result = (native as MutexBinding).tryLock(this.at, this.serial);
    if (result === EBUSY) return false;
    check(result, 'pthread_mutex_trylock');
    return true;
  }

  /**
   * @throws `EPERM` where this thread doesn't hold it; for a `normal` one too, where POSIX leaves it undefined
   */
  unlock(): void {
    check((native as MutexBinding).unlock(this.at, this.serial), 'pthread_mutex_unlock');
  }

  /**
   * After `EOWNERDEAD`: declares what the mutex guards to be in order.
   *
   * @throws `EINVAL` where it isn't robust, or nobody died
   */
  consistent(): void {
    check((native as MutexBinding).consistent(this.at, this.serial), 'pthread_mutex_consistent');
  }

  /**
   * Ends it, for all threads and processes.
   *
   * @throws `EBUSY` where somebody holds it
   */
  destroy(): void {
    check((native as MutexBinding).destroy(this.at, this.serial), 'pthread_mutex_destroy');
  }

  /** @internal */
  [inspect.custom](): string {
    return 'Mutex {}';
  }

  #lock(timeout: number): number {
    return (native as MutexBinding).lock(this.at, this.serial, timeout);
  }
}

function destroyed(): ProngError {
  return new ProngError('ERR_DESTROYED', 'this Mutex has been destroyed');
}

function check(result: number, call: string): void {
  if (result === 0) return;
  throw result === DESTROYED ? destroyed() : (native as MutexBinding).failure(result, call);
}

Object.defineProperty(Mutex.prototype, handleKind, { value: KIND });
registerHandleType(KIND, {
  pack: (object) => ({ at: (object as Mutex).at, serial: (object as Mutex).serial }),
  unpack: (handle: Handle) => Mutex.fromHandle(handle),
});
