/**
 * What forked workers find where it lies: the functions that tasks call, and inputs too large to be sent. Each has a number;
 * a worker knows those that had one when it was forked.
 */

/** What is known of a function. */
export interface Entry {
  readonly id: number;
  /** ms of one call, as the last ones took; `undefined` before the first. */
  average: number | undefined;
}

// Process-wide: a function that two pools call is one function.
const entries = new WeakMap<object, Entry>();
const known = new Map<number, WeakRef<object>>();
const forgotten = new FinalizationRegistry<number>((id) => known.delete(id));
let next = 1;

/** Finds or gives a number. The object is not kept alive by it. */
export function entryOf(object: object): Entry {
  let entry = entries.get(object);
  if (entry === undefined) {
    entry = { id: next++, average: undefined };
    entries.set(object, entry);
    known.set(entry.id, new WeakRef(object));
    forgotten.register(object, entry.id);
  }
  return entry;
}

/** A worker that is forked now knows all numbers below. */
export const nextNumber = (): number => next;

/** For a worker that is about to be forked: what it knows, by number. */
export function snapshot(): Map<number, object> {
  const all = new Map<number, object>();
  for (const [id, ref] of known) {
    const object = ref.deref();
    if (object !== undefined) all.set(id, object);
  }
  return all;
}

const WEIGHT = 0.5;

/** Takes in how long `count` calls took. */
export function observe(entry: Entry, ms: number, count: number): void {
  if (count === 0) return;
  const each = ms / count;
  entry.average = entry.average === undefined ? each : entry.average + WEIGHT * (each - entry.average);
}
