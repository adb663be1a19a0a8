/**
 * What the primitives stand on: words in memory that all threads and processes share, and ways to wait for a change. The
 * native core (an arena of shared memory, futexes) is used where there is one, else the fallback on SharedArrayBuffer.
 */
import { fallbackCore } from '../fallback/sync/core.js';
import { nativeCore } from './native-core.js';
import type { Ending } from './waits.js';

/** The result of one attempt; the same numbers as in `core/sync/waitable.h`. */
export const Status = {
  again: 0,
  done: 1,
  timedOut: 2,
  ownerDied: 3,
  destroyed: 4,
  notHeld: 5,
  notOwner: 6,
  noMemory: 7,
  brokenBarrier: 8,
  tooMany: 9,
  act: 10,
} as const;

export const Kind = { lock: 1, semaphore: 2, event: 3, condition: 4, barrier: 5, memory: 6 } as const;
export type KindName = keyof typeof Kind;

/** The parts of a lock's word; see `core/sync/lock.h`. */
export const ID_MASK = 0x1fffffff;

/** A flag of a wait for a barrier: this party can run the action. */
export const CAN_ACT = 4;

/** Where an object lies: its first word is `words[index]`. */
export interface Place {
  readonly words: Int32Array;
  readonly index: number;
  /** What identifies it across threads and processes: plain data that survives a structured clone. */
  readonly ref: PlaceRef;
}

export interface PlaceRef {
  at: number;
  serial: number;
  buffer?: SharedArrayBuffer;
}

export interface SyncCore {
  /** `me[0]` is this thread's identity: not 0, and another one in a forked child. */
  readonly me: Int32Array;
  /** How many forks there have been, of any process. */
  forks(): number;
  /** Takes memory back that nobody else knows of. */
  free(ref: PlaceRef): void;
  create(kind: KindName, first?: number, second?: number): Place;
  /** Finds what a handle refers to; `undefined` where it isn't there any more. */
  find(kind: KindName, ref: PlaceRef): Place | undefined;
  /**
   * Blocks until there is a result or `ms` have passed: a status other than `again`, in its lowest byte. Above it, a
   * barrier's: the number of the party with `done`, of the wait with `act`.
   */
  waitSync(place: Place, ms: number, flags?: number): number;
  /** Takes this thread's place in a condition's queue; `resume` waits in it. */
  enter(place: Place): void;
  resume(place: Place, ms: number): number;
  /** One attempt that doesn't wait. */
  tryOnce(place: Place): number;
  /** As `waitSync`, without blocking. */
  wait(
    place: { ref: PlaceRef },
    ms: number,
    flags?: number,
    chain?: number,
    ending?: Ending,
  ): Promise<number>;
  /** This thread may have woken one of its own promises. */
  lookSoon(): void;
  /** For the detection of deadlocks: notes who has just taken a lock, and where. */
  trace(place: Place, chain: number, name: string, holder: string): void;
  /**
   * As `waitSync` without a limit, but asks `stop` every few milliseconds; where it answers `true`, gives up with `timedOut`.
   * Meanwhile this thread counts as blocked on the lock.
   */
  waitUnless(place: Place, stop: () => boolean): number;
  /** Name, holder and holder's identity of each step of the cycle that waiting for this lock closes. */
  cycle(place: Place, chain: number): [name: string, holder: string, id: number][] | undefined;
  lockRelease(place: Place, ownerOnly: boolean): number;
  lockRecover(place: Place): number;
  eventSet(place: Place): number;
  eventClear(place: Place): number;
  semaphoreRelease(place: Place, n: number): number;
  /** Wakes the `n` that have waited longest; gives how many there were. */
  conditionNotify(place: Place, n: number): number;
  /** The notified may wake up now: the lock that they need has been released. */
  wakeNotified(): void;
  barrierActed(place: Place, wait: number, well: boolean): number;
  barrierBreak(place: Place, reset: boolean): void;
  barrierWaiting(place: Place): number;
  barrierBroken(place: Place): boolean;
  /** Ends every wait for it, and makes every later call answer `destroyed`. */
  destroy(place: Place): void;
  /** `bytes` of zeroed shared memory, 8-byte aligned, and its buffer. */
  allocate(bytes: number): Memory;
  findMemory(ref: PlaceRef, bytes: number): Memory | undefined;
}

export interface Memory {
  readonly buffer: ArrayBufferLike;
  readonly byteOffset: number;
  readonly ref: PlaceRef;
}

export const core: SyncCore = nativeCore() ?? fallbackCore();
