/** Passes what the native side reports at the end of a turn of the event loop on to whom it concerns. */
import { registerAtFork } from '../posix/at-fork.js';
import { native } from './native.js';

type Listener = (value: number) => void;

const listeners = new Map<number, Listener>();
let started = false;

function deliver(reports: number[]): void {
  for (let i = 0; i < reports.length; i += 2) {
    const listener = listeners.get(reports[i]!);
    if (listener === undefined) continue;
    try {
      listener(reports[i + 1]!);
    } catch (error) {
      // One listener's exception must not keep the others from hearing.
      process.nextTick(() => {
        throw error;
      });
    }
  }
}

/** Registers the listener of a watch or an exchange. */
export function listen(id: number, listener: Listener): void {
  if (!started) {
    started = true;
    native!.onReports(deliver);
    // In the child of a fork: what was watched is the parent's to hear about.
    registerAtFork({ afterInChild: () => native!.afterFork() });
  }
  listeners.set(id, listener);
}

export function unlisten(id: number): void {
  listeners.delete(id);
}
