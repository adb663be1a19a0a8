/** Which line of the table is this very thread's. */
import { isMainThread } from 'node:worker_threads';
import { registerInternalAtFork } from '../posix/at-fork.js';
import { setThreadNamer } from '../sync/deadlock.js';
import { getNativeId } from './native-id.js';
import { MAIN_ID, newId, newNumber, RUNNING, Slot, slots } from './table.js';

let own: Slot | undefined;

/** Told by the first code that runs in a thread of ours. */
export function setOwnSlot(slot: Slot): void {
  own = slot;
}

export function ownSlot(): Slot {
  if (own?.valid) return own;
  if (isMainThread) {
    own = Slot.take(MAIN_ID, 'MainThread', false, RUNNING) as Slot;
  } else {
    // A Worker that prong didn't start, as Python has threads that `threading` didn't.
    own = Slot.take(newId(), `Dummy-${newNumber()}`, true, RUNNING) as Slot;
    const { release } = own;
    process.once('exit', release.bind(own));
  }
  own.nativeId = getNativeId();
  return own;
}

// A deadlock is told with the names of the threads in it.
setThreadNamer(() => ownSlot().name);

// A forked child has the one thread that forked, under a number of its own.
if (isMainThread) {
  registerInternalAtFork({
    afterInChild: () => {
      for (const slot of slots()) if (slot.id !== own?.id) slot.release();
      if (own) own.nativeId = getNativeId();
    },
  });
}
