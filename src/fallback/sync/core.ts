/** The core without the addon: a SharedArrayBuffer for each object, between the threads of one process. */
import type { KindName, Place, PlaceRef, SyncCore } from '../../sync/core.js';
import { identity } from './alive.js';
import * as objects from './objects.js';
import { AGAIN, CHANGES, type Machine, type Wait } from './objects.js';

const machines: Partial<Record<KindName, Machine>> = {
  lock: objects.lock,
  semaphore: objects.semaphore,
  event: objects.event,
  condition: objects.condition,
  barrier: objects.barrier,
};
/** What the first word of a destroyed object says. */
const DESTROYED_WORDS: Record<KindName, number> = {
  lock: 0x1fffffff,
  semaphore: -1,
  event: 4,
  condition: 1,
  barrier: 2,
  memory: 0,
};

/** No sleep is longer, so that the end of a thread that said nothing is noticed. */
const POLL_MS = 20;
/** Any long time. */
const HOLD_MS = 1e9;

interface FallbackPlace extends Place {
  readonly kind: KindName;
}

function placeOf(kind: KindName, words: Int32Array): FallbackPlace {
  return { kind, words, index: 0, ref: { at: 0, serial: 0, buffer: words.buffer as SharedArrayBuffer } };
}

function machineOf(place: Place): Machine {
  return machines[(place as FallbackPlace).kind] as Machine;
}

function newWait(flags: number): Wait {
  return { since: performance.now(), kept: 0, seat: -1, flags };
}

function block(place: Place, wait: Wait, ms: number): number {
  const { words } = place;
  const machine = machineOf(place);
  const deadline = performance.now() + ms;
  for (;;) {
    const changes = Atomics.load(words, CHANGES);
    const status = machine.attempt(words, wait);
    if (status !== AGAIN) return status;
    const left = deadline - performance.now();
    if (left <= 0) return machine.leave(words, wait);
    // The first sleep is short: after it, waiting has been long enough to be served before others.
    Atomics.wait(words, CHANGES, changes, Math.min(left, wait.since + 2 > performance.now() ? 2 : POLL_MS));
  }
}

async function watch(place: Place, wait: Wait, ms: number): Promise<number> {
  const { words } = place;
  const machine = machineOf(place);
  const deadline = performance.now() + ms;
  for (;;) {
    const changes = Atomics.load(words, CHANGES);
    const status = machine.attempt(words, wait);
    if (status !== AGAIN) return status;
    const left = deadline - performance.now();
    if (left <= 0) return machine.leave(words, wait);
    const limit = Math.min(left, wait.since + 2 > performance.now() ? 2 : POLL_MS);
    // waitAsync does not keep the event loop alive, and may be late; the timer does, for as long as it takes.
    const timer = setInterval(() => {}, HOLD_MS);
    const sleep = (
      Atomics as unknown as {
        waitAsync(words: Int32Array, index: number, value: number, ms: number): { value: unknown };
      }
    ).waitAsync(words, CHANGES, changes, limit);
    await sleep.value;
    clearInterval(timer);
  }
}

export function fallbackCore(): SyncCore {
  const traces = new WeakMap<object, { chain: number; name: string; holder: string }>();
  const entered = new WeakMap<Place, Wait>();
  const begin = (place: Place, flags: number): [Wait, number] => {
    const wait = newWait(flags);
    return [wait, machineOf(place).enter(place.words, wait)];
  };

  return {
    me: Int32Array.of(identity),
    // Garbage collection does it.
    forks: () => 0,
    free() {},
    create(kind, first = 0, second = 0) {
      const words = objects.newWords();
      if (kind === 'semaphore') words[0] = first;
      words[2] = kind === 'semaphore' ? second : first;
      return placeOf(kind, words);
    },
    find: (kind, ref: PlaceRef) =>
      ref.buffer === undefined ? undefined : placeOf(kind, new Int32Array(ref.buffer)),
    waitSync(place, ms, flags = 0) {
      if (ms === 0 && flags === 0) {
        const status = machineOf(place).attempt(place.words, undefined);
        if (status !== AGAIN) return status;
      }
      const [wait, status] = begin(place, flags);
      return status === AGAIN ? block(place, wait, ms) : status;
    },
    enter: (place) => void entered.set(place, begin(place, 0)[0]),
    resume: (place, ms) => block(place, entered.get(place) as Wait, ms),
    tryOnce: (place) => machineOf(place).attempt(place.words, undefined),
    wait(place, ms, flags = 0) {
      const [wait, status] = begin(place as Place, flags);
      return status === AGAIN ? watch(place as Place, wait, ms) : Promise.resolve(status);
    },
    lookSoon() {},
    trace(place, chain, name, holder) {
      traces.set(place.words.buffer, { chain, name, holder });
    },
    // Between threads there is no common record of who waits; a thread knows what it holds itself.
    cycle(place, chain) {
      const trace = traces.get(place.words.buffer);
      const holder = Atomics.load(place.words, 0) & 0x1fffffff;
      if (trace === undefined || holder !== identity || (chain !== 0 && chain !== trace.chain))
        return undefined;
      return [[trace.name, trace.holder, holder]];
    },
    waitUnless(place, stop) {
      const [wait] = begin(place, 0);
      let status: number;
      do {
        if (stop()) return objects.TIMED_OUT;
        status = block(place, wait, POLL_MS);
      } while (status === objects.TIMED_OUT);
      return status;
    },
    lockRelease: (place, ownerOnly) => objects.lockRelease(place.words, ownerOnly),
    lockRecover: (place) => objects.lockRecover(place.words),
    eventSet: (place) => objects.eventSet(place.words),
    eventClear: (place) => objects.eventClear(place.words),
    semaphoreRelease: (place, n) => objects.semaphoreRelease(place.words, n),
    conditionNotify: (place, n) => objects.conditionNotify(place.words, n),
    wakeNotified() {},
    barrierActed: (place, wait, well) => objects.barrierActed(place.words, wait, well),
    barrierBreak: (place, reset) => objects.barrierBreak(place.words, reset),
    barrierWaiting: (place) => objects.barrierWaiting(place.words),
    barrierBroken: (place) => Atomics.load(place.words, objects.WORD) !== 0,
    destroy: (place) => objects.destroy(place.words, DESTROYED_WORDS[(place as FallbackPlace).kind]),
    allocate(bytes) {
      const buffer = new SharedArrayBuffer(bytes);
      return { buffer, byteOffset: 0, ref: { at: 0, serial: 0, buffer } };
    },
    findMemory: (ref) => (ref.buffer === undefined ? undefined : { buffer: ref.buffer, byteOffset: 0, ref }),
  };
}
