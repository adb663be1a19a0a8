/**
 * The primitives' state machines on a SharedArrayBuffer each, between the threads of one process. What the first word means is
 * the same as in `src-native/core/sync`, so that the classes above use it alike.
 */
import { identity, isAlive } from './alive.js';

export const AGAIN = 0;
export const DONE = 1;
export const TIMED_OUT = 2;
const OWNER_DIED = 3;
const DESTROYED = 4;
const NOT_HELD = 5;
const NOT_OWNER = 6;
const NO_MEMORY = 7;
const BROKEN_BARRIER = 8;
const TOO_MANY = 9;
const ACT = 10;

const ID_MASK = 0x1fffffff;
const HAS_WAITERS = 1 << 29;
const GATED = 1 << 30;
const DIED = 1 << 31;

/** The words that all objects have. */
export const WORD = 0;
/** Counts changes; what everybody who waits sleeps on. */
export const CHANGES = 1;
const OPTIONS = 2;
const STARVING = 3;
const GUARD = 4;
const FIRST = 5;
const SECOND = 6;
const THIRD = 7;
const RING = 16;
/** How many can wait at a time for one condition or barrier. */
const SEATS = 1024;

const STARVING_MS = 1;
const OFFER_MS = 5;

/** One waiter's side of a wait. */
export interface Wait {
  since: number;
  /** When something was first seen to be kept for somebody else. */
  kept: number;
  seat: number;
  flags: number;
}

/** An object as the generic waiting code sees it. */
export interface Machine {
  /** Called once, before the first attempt of a wait. */
  enter(words: Int32Array, wait: Wait): number;
  attempt(words: Int32Array, wait: Wait | undefined): number;
  /** Gives up; the result counts. */
  leave(words: Int32Array, wait: Wait): number;
}

export function changed(words: Int32Array): void {
  Atomics.add(words, CHANGES, 1);
  Atomics.notify(words, CHANGES);
}

export function newWords(): Int32Array {
  return new Int32Array(new SharedArrayBuffer((RING + 2 * SEATS) * 4));
}

const cas = Atomics.compareExchange;

/** Whether a free but gated object may be taken: by the one it is kept for, or by all once it has not come for it. */
function mayEnter(words: Int32Array, wait: Wait | undefined): boolean {
  const starving = Atomics.load(words, STARVING);
  if (starving === 0 || starving === identity || !isAlive(starving)) return true;
  if (wait === undefined) return false;
  const now = performance.now();
  wait.kept ||= now;
  return now - wait.kept > OFFER_MS;
}

function enterLine(words: Int32Array, wait: Wait): void {
  if (performance.now() - wait.since > STARVING_MS) cas(words, STARVING, 0, identity);
}

function leaveLine(words: Int32Array): void {
  if (cas(words, STARVING, identity, 0) === identity) changed(words);
}

export const lock: Machine = {
  enter: () => AGAIN,
  attempt(words, wait) {
    for (;;) {
      const word = Atomics.load(words, WORD);
      const holder = word & ID_MASK;
      if (holder === ID_MASK) return DESTROYED;
      if (holder !== 0 && (holder === identity || isAlive(holder))) {
        if (wait === undefined) return AGAIN;
        enterLine(words, wait);
        if (cas(words, WORD, word, word | HAS_WAITERS) === word) return AGAIN;
      } else if (holder !== 0) {
        const poison = (Atomics.load(words, OPTIONS) & 1) !== 0;
        const next = DIED | (word & HAS_WAITERS) | (poison ? 0 : identity);
        if (cas(words, WORD, word, next) === word) return poison ? OWNER_DIED : taken(words);
      } else if ((word & DIED) !== 0) {
        return OWNER_DIED;
      } else if ((word & GATED) !== 0 && !mayEnter(words, wait)) {
        return AGAIN;
      } else if (cas(words, WORD, word, identity | (wait === undefined ? 0 : HAS_WAITERS)) === word) {
        // Whoever waited does not know whether others do.
        return taken(words);
      }
    }
  },
  leave(words) {
    leaveLine(words);
    return TIMED_OUT;
  },
};

function taken(words: Int32Array): number {
  cas(words, STARVING, identity, 0);
  return DONE;
}

export function lockRelease(words: Int32Array, ownerOnly: boolean): number {
  for (;;) {
    const word = Atomics.load(words, WORD);
    const holder = word & ID_MASK;
    if (holder === ID_MASK) return DESTROYED;
    if (holder === 0) return (word & DIED) !== 0 ? OWNER_DIED : NOT_HELD;
    if (ownerOnly && holder !== identity) return NOT_OWNER;
    const starving = Atomics.load(words, STARVING);
    const next = starving !== 0 && isAlive(starving) ? GATED : 0;
    if (cas(words, WORD, word, next) !== word) continue;
    if ((word & HAS_WAITERS) !== 0) changed(words);
    return DONE;
  }
}

export function lockRecover(words: Int32Array): number {
  const word = Atomics.load(words, WORD);
  if ((word & ID_MASK) !== 0 || (word & DIED) === 0)
    return (word & ID_MASK) === ID_MASK ? DESTROYED : NOT_HELD;
  cas(words, WORD, word, 0);
  changed(words);
  return DONE;
}

export const semaphore: Machine = {
  enter: () => AGAIN,
  attempt(words, wait) {
    for (;;) {
      const word = Atomics.load(words, WORD);
      if (word === -1) return DESTROYED;
      if ((word & ID_MASK) === 0) {
        if (wait === undefined) return AGAIN;
        enterLine(words, wait);
        if (cas(words, WORD, word, word | HAS_WAITERS) === word) return AGAIN;
      } else if (Atomics.load(words, STARVING) !== 0 && !mayEnter(words, wait)) {
        return AGAIN;
      } else if (cas(words, WORD, word, word - 1) === word) {
        return taken(words);
      }
    }
  },
  leave(words) {
    leaveLine(words);
    return TIMED_OUT;
  },
};

export function semaphoreRelease(words: Int32Array, n: number): number {
  for (;;) {
    const word = Atomics.load(words, WORD);
    if (word === -1) return DESTROYED;
    const count = word & ID_MASK;
    if (n > Atomics.load(words, OPTIONS) - count) return TOO_MANY;
    if (cas(words, WORD, word, (count + n) | (word & HAS_WAITERS)) !== word) continue;
    if ((word & HAS_WAITERS) !== 0) changed(words);
    return DONE;
  }
}

// A seat's two words: its state (a barrier's with the party's number above it), and who sits there.
const EMPTY = 0;
const WAITING = 1;
const GRANTED = 2;
const BROKEN = 3;
const ACTOR = 4;
const state = (seat: number) => RING + seat * 2;
const sitter = (seat: number) => RING + seat * 2 + 1;

/** Runs `change` alone. A thread that was terminated in the middle holds the others up for a moment only. */
function alone<R>(words: Int32Array, change: () => R): R {
  const limit = performance.now() + 100;
  while (cas(words, GUARD, 0, identity) !== 0) {
    const holder = Atomics.load(words, GUARD);
    if (holder !== 0 && (!isAlive(holder) || performance.now() > limit)) cas(words, GUARD, holder, 0);
  }
  try {
    return change();
  } finally {
    Atomics.store(words, GUARD, 0);
  }
}

/** The seats taken by waiters that are alive, longest first. `FIRST` and `SECOND`: the first seat in use, the next free. */
function seated(words: Int32Array): number[] {
  const seats: number[] = [];
  let first = words[FIRST] as number;
  const next = words[SECOND] as number;
  for (let at = first; at !== next; at = (at + 1) % SEATS) {
    if (words[state(at)] !== EMPTY && !isAlive(words[sitter(at)] as number)) words[state(at)] = EMPTY;
    if (words[state(at)] === EMPTY && at === first) first = (first + 1) % SEATS;
    else if (words[state(at)] === WAITING) seats.push(at);
  }
  words[FIRST] = first;
  return seats;
}

function sit(words: Int32Array, wait: Wait): boolean {
  seated(words);
  const seat = words[SECOND] as number;
  const next = (seat + 1) % SEATS;
  if (next === words[FIRST]) return false;
  words[sitter(seat)] = identity;
  words[state(seat)] = WAITING;
  words[SECOND] = next;
  wait.seat = seat;
  return true;
}

/** What became of a seat; an end of the wait empties it. */
function outcome(words: Int32Array, wait: Wait): number {
  const found = Atomics.load(words, state(wait.seat));
  if (found === GRANTED || found === BROKEN) Atomics.store(words, state(wait.seat), EMPTY);
  return found;
}

function grant(words: Int32Array, limit: number, as = GRANTED): number {
  const count = alone(words, () => {
    const seats = seated(words).slice(0, limit);
    for (const seat of seats) words[state(seat)] = as;
    return seats.length;
  });
  if (count > 0) changed(words);
  return count;
}

function takeSeat(words: Int32Array, wait: Wait): number {
  return alone(words, () => sit(words, wait)) ? AGAIN : NO_MEMORY;
}

function leaveSeat(words: Int32Array, wait: Wait): number {
  return alone(words, () => {
    const found = outcome(words, wait);
    words[state(wait.seat)] = EMPTY;
    return found;
  });
}

const EVENT_SET = 1;
const EVENT_DESTROYED = 4;

export const event: Machine = {
  enter: takeSeat,
  attempt(words, wait) {
    const word = Atomics.load(words, WORD);
    if (wait !== undefined && outcome(words, wait) === GRANTED) return DONE;
    if ((word & (EVENT_SET | EVENT_DESTROYED)) === 0) {
      // Makes set() look: its short way takes a word of 0 only.
      Atomics.or(words, WORD, 2);
      return AGAIN;
    }
    if (wait !== undefined) leaveSeat(words, wait);
    return (word & EVENT_DESTROYED) !== 0 ? DESTROYED : DONE;
  },
  leave: (words, wait) => (leaveSeat(words, wait) === GRANTED ? DONE : TIMED_OUT),
};

export function eventSet(words: Int32Array): number {
  if ((Atomics.load(words, WORD) & EVENT_DESTROYED) !== 0) return DESTROYED;
  Atomics.store(words, WORD, EVENT_SET);
  grant(words, SEATS);
  return DONE;
}

export function eventClear(words: Int32Array): number {
  return (Atomics.and(words, WORD, ~EVENT_SET) & EVENT_DESTROYED) !== 0 ? DESTROYED : DONE;
}

export const condition: Machine = {
  enter: takeSeat,
  attempt(words, wait) {
    if (wait === undefined) return AGAIN;
    if (outcome(words, wait) === GRANTED) return DONE;
    return Atomics.load(words, WORD) !== 0 ? DESTROYED : AGAIN;
  },
  leave: (words, wait) => (leaveSeat(words, wait) === GRANTED ? DONE : TIMED_OUT),
};

export function conditionNotify(words: Int32Array, n: number): number {
  return grant(words, n);
}

// A barrier: WORD is 1 when broken and 2 when destroyed, OPTIONS the parties, THIRD who runs the action.
/** The result for a state of GRANTED with a number above it. */
const numbered = (found: number) => DONE | (found & ~0xff);

export const barrier: Machine = {
  enter: takeSeat,
  attempt(words, wait) {
    if (wait === undefined) return AGAIN;
    let open = false;
    const result = alone(words, () => {
      const found = words[state(wait.seat)] as number;
      if ((found & 0xff) === GRANTED) {
        words[state(wait.seat)] = EMPTY;
        return numbered(found);
      }
      if (words[WORD] === 2) return DESTROYED;
      if (found === BROKEN || words[WORD] === 1) {
        words[state(wait.seat)] = EMPTY;
        return BROKEN_BARRIER;
      }
      if (words[THIRD] !== 0) return isAlive(words[THIRD] as number) ? AGAIN : BROKEN_BARRIER;
      const parties = words[OPTIONS] as number;
      const seats = seated(words).slice(0, parties);
      if (seats.length < parties || !seats.includes(wait.seat)) return AGAIN;
      if ((wait.flags & 4) !== 0) {
        words[THIRD] = identity;
        words[state(wait.seat)] = ACTOR;
        return ACT;
      }
      open = true;
      seats.forEach((seat, number) => {
        words[state(seat)] = GRANTED | (number << 8);
      });
      words[state(wait.seat)] = EMPTY;
      return DONE | (seats.indexOf(wait.seat) << 8);
    });
    if (open) changed(words);
    if (result === BROKEN_BARRIER) barrierBreak(words, false);
    return result === ACT ? ACT | (wait.seat << 8) : result;
  },
  leave(words, wait) {
    const found = leaveSeat(words, wait);
    if ((found & 0xff) === GRANTED) return numbered(found);
    barrierBreak(words, false);
    return BROKEN_BARRIER;
  },
};

export function barrierActed(words: Int32Array, seat: number, well: boolean): number {
  if (!well) barrierBreak(words, false);
  const result = alone(words, () => {
    if (words[WORD] !== 0 || words[state(seat)] !== ACTOR) {
      words[state(seat)] = EMPTY;
      return BROKEN_BARRIER;
    }
    words[state(seat)] = WAITING;
    const seats = seated(words).slice(0, words[OPTIONS] as number);
    seats.forEach((other, number) => {
      words[state(other)] = GRANTED | (number << 8);
    });
    words[state(seat)] = EMPTY;
    words[THIRD] = 0;
    return DONE | (seats.indexOf(seat) << 8);
  });
  changed(words);
  return result;
}

export function barrierBreak(words: Int32Array, reset: boolean): void {
  if (Atomics.load(words, WORD) !== 2) Atomics.store(words, WORD, 1);
  Atomics.store(words, THIRD, 0);
  grant(words, SEATS, BROKEN);
  if (reset) cas(words, WORD, 1, 0);
}

export function barrierWaiting(words: Int32Array): number {
  return alone(words, () => seated(words).length);
}

/** Ends every wait: the word says so, and everybody looks. */
export function destroy(words: Int32Array, word: number): void {
  Atomics.store(words, WORD, word);
  changed(words);
}
