/** Getting ready to fork many times. */
import { nativePart } from '../../binding.js';
import { collector } from './collector.js';

/**
 * Gets this process ready to fork many times: collects all garbage and compacts the heap, so that its children share
 * as much memory as possible for as long as possible, and gives free memory back to the system. Call it once
 * everything is loaded, before the first `fork()`. It blocks for as long as a full garbage collection takes.
 *
 * @see Ruby's `Process.warmup`
 */
export function warmup(): void {
  const collect = collector();
  // Twice: what the first run finalizes, the second gives back.
  collect({ type: 'major', execution: 'sync', flavor: 'last-resort' });
  collect({ type: 'major', execution: 'sync', flavor: 'last-resort' });
  nativePart<{ warmup(): void }>('fork')?.warmup();
}
