/**
 * `Math.random` in other `vm` contexts. V8's generator that seeds new ones can't be reached, but each object that
 * becomes the key of a collection takes a number from it: the child takes a random number of them. Contexts that were
 * there before the fork skip ahead by a random number of values: their sequences differ, but may overlap.
 */
import { getHeapStatistics } from 'node:v8';
import { hasCollectorContext } from '../heap/collector.js';

const LONGEST_SEED_SKIP = 4096;
const LONGEST_SKIP = 2 ** 20;

/** In the child. `entropy` is fresh random bytes as a number. */
export function skipContextSeeds(entropy: number): void {
  const skip = 1 + (entropy % LONGEST_SEED_SKIP);
  const keys = new WeakSet<object>();
  for (let i = 0; i < skip; i++) keys.add({});
}

/** In the child, where the program has contexts of its own: each skips ahead. */
export function skipInContexts(entropy: number): void {
  const own = hasCollectorContext() ? 2 : 1;
  if (getHeapStatistics().number_of_native_contexts <= own) return;
  let inspector: typeof import('node:inspector');
  try {
    inspector = require('node:inspector') as typeof import('node:inspector');
  } catch {
    return; // a Node without an inspector
  }
  const session = new inspector.Session();
  const contexts: number[] = [];
  session.connect();
  session.on('Runtime.executionContextCreated', ({ params }) => {
    const { id, auxData } = params.context as { id: number; auxData?: { isDefault?: boolean } };
    if (auxData?.isDefault !== true) contexts.push(id);
  });
  session.post('Runtime.enable');
  const skip = 1 + (entropy % LONGEST_SKIP);
  for (const contextId of contexts) {
    session.post('Runtime.evaluate', {
      contextId,
      expression: `{ const { random } = Math; for (let i = 0; i < ${skip}; i++) random(); }`,
      silent: true,
    });
  }
  session.post('Runtime.disable');
  session.disconnect();
}
