import { Event } from '../sync/event.js';
import { checkFunction, checkTimeout, invalidType } from '../util/check.js';
import { Thread } from './thread.js';

/**
 * Calls `fn` in a thread of its own after `interval` ms, unless `cancel()` comes first: Python's `threading.Timer`.
 * Throws `ERR_INVALID_ARG_TYPE`, `ERR_OUT_OF_RANGE`.
 */
export class Timer extends Thread {
  readonly interval: number;
  /** Set once it has fired or was cancelled. */
  readonly finished = new Event();

  // biome-ignore lint/suspicious/noExplicitAny: whatever the function takes
  constructor(interval: number, fn: (...args: any[]) => unknown, args: readonly unknown[] = []) {
    if (interval === undefined) throw invalidType('interval', 'of type number', interval);
    checkTimeout(interval, 'interval');
    checkFunction('fn', fn);
    super({ target: fn, args, name: undefined });
    this.interval = interval;
  }

  /** Stops the timer if it is still waiting. */
  cancel(): void {
    this.finished.set();
  }

  override run(): unknown {
    const cancelled = this.finished.waitSync({ timeout: this.interval });
    if (cancelled) return undefined;
    this.finished.set();
    return super.run();
  }
}
