import { existsSync, readlinkSync } from 'node:fs';
import { nativePart } from '../binding.js';

interface ThreadsBinding {
  gettid(): number;
}

/**
 * The system's number of the calling thread, as `gettid(2)` gives it; in the main thread it is the pid. Without the
 * addon it is read from /proc; `undefined` where there is neither.
 */
export function getNativeId(): number | undefined {
  const native = nativePart<ThreadsBinding>('threads');
  if (native) return native.gettid();
  try {
    return Number(readlinkSync('/proc/thread-self').split('/').at(-1));
  } catch {
    return undefined;
  }
}

/** Whether a thread of this process with that number is still there; undefined where that can't be known. */
export function isThreadThere(nativeId: number): boolean | undefined {
  if (process.platform !== 'linux') return undefined;
  return existsSync(`/proc/self/task/${nativeId}`);
}
