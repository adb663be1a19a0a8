/**
 * `Math.random` in other `vm` contexts. The isolate's own generator seeds new ones: it is found in the C heap and
 * proved by the numbers that it gives to objects that become keys of a collection, and the child gives it new entropy.
 * Contexts that were there before the fork are on a list of V8's, and the child gives each new entropy. Where either
 * fails the child skips ahead by a random number of values: then sequences differ, but may overlap.
 */
import { getHeapStatistics } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { nativePart } from '../../binding.js';
import { hasCollectorContext } from '../heap/collector.js';

interface RandomBinding {
  renewContexts(main: () => number, newest: () => number, count: number): boolean;
  findSeeds(keys: object[]): boolean;
  renewSeeds(keys: object[]): boolean;
}

const LONGEST_SEED_SKIP = 2 ** 15;
const LONGEST_SKIP = 2 ** 20;
/** Each gives 20 bits of proof. */
const KEYS = 8;
const TRIES = 3;

const native = nativePart<RandomBinding>('random');
const { random } = Math;

let sought = false;

/** Objects that took one number each from the isolate's generator, in their order. */
function makeKeys(): object[] {
  const keys = Array.from({ length: KEYS }, () => ({}));
  const set = new WeakSet();
  for (const key of keys) set.add(key);
  return keys;
}

/** Before a fork: finds the isolate's generator, once. */
export function findContextSeeds(): void {
  if (sought || native?.findSeeds === undefined) return;
  sought = true;
  for (let i = 0; i < TRIES; i++) {
    if (native.findSeeds(makeKeys())) return;
  }
}

/** In the child. `entropy` is fresh random bytes as a number, for where the generator was not found. */
export function renewContextSeeds(entropy: number): void {
  if (native?.renewSeeds?.(makeKeys()) === true) return;
  const skip = 1 + (entropy % LONGEST_SEED_SKIP);
  const keys = new WeakSet<object>();
  for (let i = 0; i < skip; i++) keys.add({});
}

/** Whether the program has contexts of its own. */
export function hasOtherContexts(): boolean {
  const own = hasCollectorContext() ? 2 : 1;
  return getHeapStatistics().number_of_native_contexts > own;
}

/** In the child. `entropy` is for where the list was not found. */
export function renewContexts(entropy: number): void {
  if (!hasOtherContexts()) return;
  if (native?.renewContexts !== undefined) {
    // A collection in between may end one of them.
    for (let i = 0; i < TRIES; i++) {
      const newest = runInNewContext('Math.random') as () => number;
      if (native.renewContexts(random, newest, getHeapStatistics().number_of_native_contexts)) return;
    }
  }
  skipInContexts(entropy);
}

function skipInContexts(entropy: number): void {
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
