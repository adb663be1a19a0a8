/** What is still to be received and sent on a connection. */
import { TimeoutError } from '../../errors.js';
import { onFreshProcess } from '../../util/fresh-process.js';

const LONGEST_TIMER = 2 ** 31 - 1;

/** A promise to be settled by an event, or by its time running out. */
export class Wait<T> {
  readonly promise: Promise<T>;
  settled = false;
  #resolve!: (value: T) => void;
  #reject!: (error: unknown) => void;
  #timer: NodeJS.Timeout | undefined;

  constructor(ms: number, expired: () => void) {
    this.promise = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    if (ms <= LONGEST_TIMER) this.#timer = setTimeout(expired, ms);
  }

  resolve(value: T): void {
    this.#finish();
    this.#resolve(value);
  }

  reject(error: unknown): void {
    this.#finish();
    this.#reject(error);
  }

  #finish(): void {
    this.settled = true;
    clearTimeout(this.#timer);
  }
}

export interface Reading {
  limit: number;
  /** Makes the result of a message's bytes, which may be overwritten afterwards. */
  convert: (bytes: Uint8Array) => unknown;
  wait: Wait<unknown>;
}

export interface Writing {
  bytes: Uint8Array;
  /** How much of the frame is sent. */
  position: number;
  fds: number[] | undefined;
  /** `undefined`: nobody waits any more, but a frame that has begun must be finished. */
  wait: Wait<void> | undefined;
}

export function timedOut(what: string, ms: number): TimeoutError {
  return new TimeoutError(`${what} within ${ms} ms`);
}

/**
 * How many results in a row may be had without a turn of the event loop: a fast sender must not keep a receiver's timers
 * from running.
 */
const QUICK = 128;
let quick = 0;
let resetting = false;

export function mayBeQuick(): boolean {
  if (quick < QUICK) {
    quick++;
    return true;
  }
  if (!resetting) {
    resetting = true;
    setImmediate(() => {
      resetting = false;
      quick = 0;
    });
  }
  return false;
}

onFreshProcess(() => {
  resetting = false;
  quick = 0;
});

export function restQuick(): void {
  quick = 0;
}
