/** Getting ready to fork many times. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { nativePart } from '../binding.js';

type Collect = (options?: { type: 'major'; execution: 'sync'; flavor: 'last-resort' | 'regular' }) => void;

let collect: Collect | undefined;

/** V8's `gc()`, which only a flag brings out; a context made while it is set has it. */
function collector(): Collect {
  if (collect !== undefined) return collect;
  if (typeof globalThis.gc === 'function') {
    collect = globalThis.gc as unknown as Collect;
  } else {
    setFlagsFromString('--expose-gc');
    collect = runInNewContext('gc') as Collect;
    setFlagsFromString('--no-expose-gc');
  }
  return collect;
}

/**
 * Gets this process ready to fork many times: collects all garbage and compacts the heap, so that its children share
 * as much memory as possible for as long as possible, and gives free memory back to the system. Call it once
 * everything is loaded, before the first `fork()`. It blocks for as long as a full garbage collection takes.
 *
 * @see Ruby's `Process.warmup`
 */
export function warmup(): void {
  const gc = collector();
  // Twice: what the first run finalizes, the second gives back.
  gc({ type: 'major', execution: 'sync', flavor: 'last-resort' });
  gc({ type: 'major', execution: 'sync', flavor: 'last-resort' });
  nativePart<{ warmup(): void }>('fork')?.warmup();
}
