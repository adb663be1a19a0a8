/** Waiting for a thread's end by what the table says: all there is for a blocked thread, and for a thread of others. */
import { isThreadThere } from './native-id.js';
import { ENDING, FREE, type Slot, sleep } from './table.js';

/** Between two looks whether the thread is still there: it may be gone without a word (out of memory, terminated). */
const LOOK = 20;
/** How long a thread that has said goodbye may take to leave. */
const LEAVE = 5000;

const isGone = ({ nativeId }: Slot): boolean => nativeId !== undefined && isThreadThere(nativeId) === false;

/** Blocks until the thread has ended; false if `timeout` ms went by first. */
export function joinSlotSync(slot: Slot, timeout: number): boolean {
  const deadline = performance.now() + timeout;
  for (let { state } = slot; state !== FREE && state < ENDING; { state } = slot) {
    const left = deadline - performance.now();
    if (left <= 0) return false;
    slot.waitWhile(state, Math.min(left, LOOK));
    if (isGone(slot)) return true;
  }
  // Until the system's thread has left: only then are its locks seen to be abandoned and is fork() possible again.
  const end = performance.now() + LEAVE;
  for (
    let pause = 0.05;
    slot.valid && !isGone(slot) && performance.now() < end;
    pause = Math.min(pause * 2, 2)
  ) {
    if (slot.nativeId === undefined || isThreadThere(slot.nativeId) === undefined) break;
    sleep(pause);
  }
  return true;
}

/** As `joinSlotSync`, without blocking the event loop. */
export async function joinSlot(slot: Slot, timeout: number): Promise<boolean> {
  const deadline = performance.now() + timeout;
  for (let pause = 1; slot.state !== FREE && !isGone(slot); pause = Math.min(pause * 2, LOOK)) {
    const left = deadline - performance.now();
    if (left <= 0) return false;
    await new Promise((resolve) => setTimeout(resolve, Math.min(pause, left)));
  }
  return true;
}
