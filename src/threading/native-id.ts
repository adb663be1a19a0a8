import { existsSync, readlinkSync } from 'node:fs';
import type * as Binding from '../binding.js';

interface ThreadsBinding {
  gettid(): number;
}

/**
 * The system's number of the calling thread, as `gettid(2)` gives it; in the main thread it is the pid. `undefined` where
 * there is neither /proc nor the addon.
 */
export function getNativeId(): number | undefined {
  try {
    // Cheaper than loading the addon, which a thread may never need.
    return Number(readlinkSync('/proc/thread-self').split('/').at(-1));
  } catch {
    const { nativePart } = require('../binding.js') as typeof Binding;
    return nativePart<ThreadsBinding>('threads')?.gettid();
  }
}

/** Whether a thread of this process with that number is still there; undefined where that can't be known. */
export function isThreadThere(nativeId: number): boolean | undefined {
  if (process.platform !== 'linux') return undefined;
  return existsSync(`/proc/self/task/${nativeId}`);
}
