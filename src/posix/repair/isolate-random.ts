/**
 * V8's other generator seeds `Math.random` in new `vm` contexts. It can't be reached, but each object that becomes the
 * key of a collection takes a number from it: the child takes a random number of them.
 */
const LONGEST_SKIP = 4096;

/** In the child. `entropy` is fresh random bytes as a number. */
export function skipIsolateRandom(entropy: number): void {
  const skip = 1 + (entropy % LONGEST_SKIP);
  const keys = new WeakSet<object>();
  for (let i = 0; i < skip; i++) keys.add({});
}
