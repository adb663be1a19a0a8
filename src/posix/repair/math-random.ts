/**
 * `Math.random` in a forked child: parent and child would go on with one sequence. The generator's state is found in
 * V8's heap by its output, proved by predicting what comes next, and given new entropy in the child. Where that fails
 * the child skips ahead by a random number of values: then the sequences differ but may overlap.
 */
import { nativePart } from '../../binding.js';

interface RandomBinding {
  find(drawn: Float64Array): number;
  findFrom(random: () => number, drawn: Float64Array): number;
  holds(drawn: number): boolean;
  confirm(): boolean;
  reseed(drawn: number): boolean;
  isFresh(drawn: number): boolean;
}

const random = Math.random;
const native = nativePart<RandomBinding>('random');

/** How many values V8 makes at a time. */
const BATCH = 64;
const TRIES = 4;
const LONGEST_SKIP = 16384;

let found = false;
let searches = 0;

/** `find` is given values and answers how many places could have made them. */
function search(find: (drawn: Float64Array) => number): boolean {
  if (native?.find === undefined) return false;
  const drawn = new Float64Array(BATCH);
  for (let i = 0; i < TRIES; i++) {
    for (let k = 0; k < BATCH; k++) drawn[k] = random();
    if (find(drawn) > 0) {
      for (let k = 0; k < BATCH; k++) random();
      if (native.confirm()) return true;
    }
    // Too few values of the newest batch were drawn for a proof: meet the next one elsewhere.
    for (let k = 0; k < BATCH / TRIES; k++) random();
  }
  return false;
}

/** Through the function's own context, in the same time in any heap; else by looking at the whole heap, which is slow. */
function locate(): boolean {
  if (native?.find === undefined) return false;
  if (search((drawn) => native.findFrom(random, drawn))) return true;
  if (searches > 1) return false;
  searches++;
  return search(native.find);
}

/** Before a fork: finds the state, and again where a collection has moved it. */
export function findMathRandom(): void {
  if (!found || native?.holds(random()) !== true) found = locate();
}

function reseed(): boolean {
  if (!found || native === undefined || !native.reseed(random())) return false;
  for (let i = 0; i < BATCH; i++) {
    if (native.isFresh(random())) return true;
  }
  return native.isFresh(random());
}

/** In the child. `entropy` is 4 fresh random bytes, for the way that needs no state. */
export function renewMathRandom(entropy: number): void {
  if (reseed()) return;
  found = locate();
  if (found && reseed()) return;
  const skip = entropy % LONGEST_SKIP;
  for (let i = 0; i < skip; i++) random();
}
