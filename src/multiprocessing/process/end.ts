/** A process's end and its children: daemonic ones are terminated, the others waited for. */
import { children } from './identity.js';

let listening = false;

function terminateDaemons(): void {
  for (const child of children) {
    if (!child.daemon) continue;
    try {
      child.terminate();
    } catch {
      // It has ended meanwhile.
    }
  }
}

/** At the end of a child that has come to it by itself. */
export async function endChildren(): Promise<void> {
  terminateDaemons();
  for (const child of [...children]) await child.join();
}

/** In an `exit` listener, where nothing can wait any more. */
export function endChildrenSync(): void {
  terminateDaemons();
  for (const child of [...children]) child.joinSync();
}

/** In a process that prong did not start, from its first child on. */
export function watchOwnEnd(): void {
  if (listening) return;
  listening = true;
  process.on('exit', endChildrenSync);
}

/** In a child, which has lost its parent's listeners. */
export function forgetOwnEnd(): void {
  listening = true;
}
