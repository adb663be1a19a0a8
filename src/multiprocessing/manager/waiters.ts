/** Who a managed object is used by, and how it waits in the server without keeping anybody else waiting. */
import { AsyncLocalStorage } from 'node:async_hooks';
import { ManagerEndedError } from './errors.js';

/** One connection to the server: a thread of a process. */
export class Caller {
  #gone = new Set<() => void>();
  isGone = false;

  /** Registers what is to be done when it dies; call what is returned when that is not needed any more. */
  onGone(undo: () => void): () => void {
    this.#gone.add(undo);
    return () => void this.#gone.delete(undo);
  }

  leave(): void {
    this.isGone = true;
    for (const undo of [...this.#gone]) undo();
    this.#gone.clear();
  }
}

const callers = new AsyncLocalStorage<Caller>();
const nobody = new Caller();

export function runAs<T>(caller: Caller, run: () => T): T {
  return callers.run(caller, run);
}

/** Whose call this is. Throws where it has died: nothing must be given to it any more. */
export function caller(): Caller {
  const by = callers.getStore() ?? nobody;
  if (by.isGone) throw new ManagerEndedError('whoever called has gone');
  return by;
}

interface Waiter {
  by: Caller;
  take(): void;
}

const LONGEST_TIMER = 2 ** 31 - 1;

/** Callers in the order in which they came. */
export class Line {
  #waiters: Waiter[] = [];

  get length(): number {
    return this.#waiters.length;
  }

  /** Waits to be called up: `true` then, `false` after `ms`. Somebody who dies is out of the line. */
  wait(ms: number): Promise<boolean> {
    if (ms <= 0) return Promise.resolve(false);
    const by = caller();
    return new Promise((settle) => {
      let timer: NodeJS.Timeout | undefined;
      const leave = (): void => {
        clearTimeout(timer);
        forget();
        const at = this.#waiters.indexOf(waiter);
        if (at >= 0) this.#waiters.splice(at, 1);
      };
      const waiter = {
        by,
        take: () => {
          leave();
          settle(true);
        },
      };
      const forget = by.onGone(leave);
      if (ms <= LONGEST_TIMER) {
        timer = setTimeout(() => {
          leave();
          settle(false);
        }, ms);
      }
      this.#waiters.push(waiter);
    });
  }

  /** Who is next; `undefined` where nobody waits. */
  get next(): Caller | undefined {
    return this.#waiters[0]?.by;
  }

  /** Calls up the next `n`. Returns how many there were. */
  call(n = 1): number {
    const called = this.#waiters.slice(0, n);
    for (const waiter of called) waiter.take();
    return called.length;
  }
}

export interface TimeLimit {
  timeout?: number | undefined;
}
