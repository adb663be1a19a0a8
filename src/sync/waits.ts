/**
 * The promise forms' waits of one thread. Each has a record in the arena; whoever changes the object marks the record and
 * kicks this thread's event loop, which then looks at the marked ones. While anything is waited for, all are looked at
 * every few milliseconds as well, since a kick can die with its sender.
 */

import { onFreshProcess } from '../util/fresh-process.js';

export interface AsyncBinding {
  start(offset: number, flags: number, chain: number): number;
  look(offset: number, record: number): number;
  cancel(offset: number, record: number): number;
  listen(wake: (all: boolean) => void): (all: number, holding: number) => void;
}

interface Wait {
  offset: number;
  flags: number;
  chain: number;
  record: number;
  /** The identity under which the record was made: a forked child has another one and starts anew. */
  self: number;
  timer: NodeJS.Timeout | undefined;
  settle: (status: number) => void;
}

/** Filled in by a wait that has begun: ends it before its time, as if that had run out. */
export interface Ending {
  end?: () => void;
}

export interface AsyncWaits {
  wait(offset: number, ms: number, flags: number, chain: number, ending?: Ending): Promise<number>;
  /** This thread has just woken somebody, perhaps itself. */
  lookSoon(): void;
}

const LONGEST_TIMER = 2 ** 31 - 1;
const AGAIN = 0;
const TIMED_OUT = 2;

export function asyncWaits(
  binding: AsyncBinding,
  me: Int32Array,
  stateOf: (record: number) => number,
): AsyncWaits {
  const waits = new Set<Wait>();
  let setPending: ((all: number, holding: number) => void) | undefined;
  let soon = false;

  const changed = () => {
    setPending ??= binding.listen(look);
    setPending(waits.size, waits.size);
  };

  /** Not in a later turn of the loop, which a task that goes on acquiring would never let come. */
  const lookSoon = () => {
    if (soon || waits.size === 0) return;
    soon = true;
    queueMicrotask(() => {
      soon = false;
      look(false);
    });
  };

  const finish = (wait: Wait, status: number) => {
    waits.delete(wait);
    clearTimeout(wait.timer);
    if (waits.size === 0) changed();
    // Whoever completes a barrier, or leaves a queue, may have let others of this thread go.
    else lookSoon();
    wait.settle(status);
  };

  /** Takes a new record; true where the wait is over already. */
  const start = (wait: Wait): boolean => {
    const result = binding.start(wait.offset, wait.flags, wait.chain);
    wait.self = me[0] as number;
    if (result > 0) {
      wait.record = result;
      return false;
    }
    finish(wait, -result);
    return true;
  };

  function look(all: boolean) {
    for (const wait of waits) {
      if (wait.self !== me[0]) {
        start(wait);
      } else if (all || stateOf(wait.record) !== 0) {
        const status = binding.look(wait.offset, wait.record);
        if (status !== AGAIN) finish(wait, status);
      }
    }
  }

  onFreshProcess(() => {
    if (waits.size === 0) return;
    waits.clear();
    changed();
  });

  return {
    wait(offset, ms, flags, chain, ending) {
      return new Promise((settle) => {
        const wait: Wait = { offset, flags, chain, record: 0, self: 0, timer: undefined, settle };
        waits.add(wait);
        if (start(wait)) return;
        if (waits.size === 1) changed();
        const giveUp = () => {
          if (!waits.has(wait)) return;
          // What was woken for it in the last moment counts.
          if (wait.self === me[0]) {
            const status = binding.look(offset, wait.record);
            if (status !== AGAIN) return finish(wait, status);
            return finish(wait, binding.cancel(offset, wait.record));
          }
          finish(wait, TIMED_OUT);
        };
        if (ending !== undefined) ending.end = giveUp;
        if (ms > LONGEST_TIMER) return;
        wait.timer = setTimeout(giveUp, ms);
        // The records' own timer holds the loop; this one must not hold it longer.
        wait.timer.unref();
      });
    },
    lookSoon,
  };
}
