import { ownSlot } from './here.js';
import { ENDING, MAIN_ID, Slot, slots } from './table.js';
import { type Thread, threadFor } from './thread.js';

export { getNativeId } from './native-id.js';

/** The `Thread` of the calling thread; the main thread's name is `MainThread`. */
export function currentThread(): Thread {
  return threadFor(ownSlot());
}

/** The `Thread` of the process's main thread. */
export function mainThread(): Thread {
  ownSlot();
  return threadFor(slots().find(({ id }) => id === MAIN_ID) ?? new Slot(0, MAIN_ID));
}

/** All threads that are alive, the main one included, whoever started them. */
export function enumerate(): Thread[] {
  ownSlot();
  return slots()
    .filter((slot) => slot.state < ENDING)
    .map(threadFor);
}

/** How many threads are alive. */
export function activeCount(): number {
  return enumerate().length;
}

/** The `ident` of the calling thread. */
export function getIdent(): number {
  return ownSlot().id;
}
