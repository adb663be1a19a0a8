/** The native core: offsets into the arena, slow paths in C++. */
import { nativePart } from '../binding.js';
import type { Memory, Place, PlaceRef, SyncCore } from './core.js';
import { type AsyncBinding, asyncWaits } from './waits.js';

interface ArenaBinding {
  open(fd?: number): void;
  chunk(index: number): ArrayBuffer;
  view(offset: number, size: number): ArrayBuffer;
  allocate(size: number, kind: number): number;
  free(offset: number): void;
  serial(offset: number): number;
  isBlock(offset: number, kind: number, serial: number): boolean;
  identity(): ArrayBuffer;
  recordsAt(): number;
  forksAt(): number;
  fd(): number;
  stats(): { fileSize: number; inUse: number };
}

interface SyncBinding extends AsyncBinding {
  create(kind: number, first: number, second: number): number;
  wait(offset: number, ms: number, first: number, flags: number): number;
  tryOnce(offset: number): number;
  enter(offset: number): number;
  trace(offset: number, chain: number, name: string, holder: string): void;
  blockedOn(offset: number): void;
  cycle(offset: number, chain: number): [name: string, holder: string, id: number][] | undefined;
  destroy(offset: number): number;
  lockRelease(offset: number, ownerOnly: number): number;
  lockRecover(offset: number): number;
  eventSet(offset: number): number;
  eventClear(offset: number): number;
  semaphoreRelease(offset: number, n: number): number;
  conditionNotify(offset: number, n: number): number;
  wakeNotified(): void;
  barrierActed(offset: number, record: number, well: number): number;
  barrierBreak(offset: number, reset: number): void;
  barrierWaiting(offset: number): number;
  barrierBroken(offset: number): number;
}

const KINDS = { lock: 1, semaphore: 2, event: 3, condition: 4, barrier: 5, memory: 6 } as const;
const CHUNK = 1 << 20;
// Blocks from here on get a buffer of their own.
const SMALL = 32 << 10;

/**
 * Opens this process's arena: the one behind the descriptor that `PRONG_ARENA_FD` names, which is how a process that was
 * started anew, not forked, shares the primitives of the one that started it; a new one without that variable.
 */
function openArena(arena: ArenaBinding): void {
  const inherited = process.env.PRONG_ARENA_FD;
  if (inherited === undefined) {
    arena.open();
    return;
  }
  const fd = /^\d{1,9}$/.test(inherited) ? Number(inherited) : -1;
  const why = `PRONG_ARENA_FD=${inherited} is no arena of prong's`;
  if (fd < 0) throw Object.assign(new TypeError(why), { code: 'ERR_INVALID_ARG_VALUE' });
  try {
    arena.open(fd);
  } catch (error) {
    throw Object.assign(error as Error, { message: `${why}: ${(error as Error).message}` });
  }
}

/** `undefined` without the addon. Opening the arena happens here, at load. */
export function nativeCore(): SyncCore | undefined {
  const arena = nativePart<ArenaBinding>('arena');
  const sync = nativePart<SyncBinding>('sync');
  if (arena === undefined || sync === undefined) return undefined;

  openArena(arena);
  const me = new Int32Array(arena.identity());

  const chunks: Int32Array[] = [];
  const chunkOf = (offset: number): Int32Array => {
    const index = Math.floor(offset / CHUNK);
    let words = chunks[index];
    if (words === undefined) {
      words = new Int32Array(arena.chunk(index));
      chunks[index] = words;
    }
    return words;
  };
  const placeOf = (offset: number, serial: number): Place => ({
    words: chunkOf(offset),
    index: (offset % CHUNK) / 4,
    ref: { at: offset, serial },
  });
  const memoryOf = (offset: number, serial: number, bytes: number): Memory =>
    bytes <= SMALL
      ? { buffer: chunkOf(offset).buffer, byteOffset: offset % CHUNK, ref: { at: offset, serial } }
      : { buffer: arena.view(offset, bytes), byteOffset: 0, ref: { at: offset, serial } };

  const forksAt = arena.forksAt();
  const recordsAt = arena.recordsAt();
  const waits = asyncWaits(sync, me, (record) => {
    const offset = recordsAt + record * 64;
    return Atomics.load(chunkOf(offset), (offset % CHUNK) / 4);
  });

  // In slices, so that a thread that is being terminated notices between two of them.
  const sliced = (offset: number, ms: number, first: number, flags: number): number => {
    const deadline = performance.now() + ms;
    let status = first === 1 ? sync.wait(offset, ms, 1, flags) : 0;
    while (status === 0) {
      status = sync.wait(offset, Math.max(0, deadline - performance.now()), 0, 0);
    }
    return status;
  };
  /** Whoever has woken others may have woken itself. */
  const woke = (status: number): number => {
    waits.lookSoon();
    return status;
  };

  return {
    me,
    forks: () => Atomics.load(chunkOf(forksAt), (forksAt % CHUNK) / 4),
    free: (ref) => arena.free(ref.at),
    create(kind, first = 0, second = 0) {
      const offset = sync.create(KINDS[kind], first, second);
      return placeOf(offset, arena.serial(offset));
    },
    find(kind, ref) {
      return arena.isBlock(ref.at, KINDS[kind], ref.serial) ? placeOf(ref.at, ref.serial) : undefined;
    },
    waitSync(place, ms, flags = 0) {
      return woke(sliced(place.ref.at, ms, 1, flags));
    },
    enter: (place) => void sync.enter(place.ref.at),
    resume: (place, ms) => sliced(place.ref.at, ms, 0, 0),
    tryOnce: (place) => sync.tryOnce(place.ref.at),
    wait: (place, ms, flags = 0, chain = 0, ending) => waits.wait(place.ref.at, ms, flags, chain, ending),
    lookSoon: waits.lookSoon,
    trace: (place, chain, name, holder) => sync.trace(place.ref.at, chain, name, holder),
    cycle: (place, chain) => sync.cycle(place.ref.at, chain),
    waitUnless(place, stop) {
      const offset = place.ref.at;
      sync.blockedOn(offset);
      try {
        if (stop()) return 2;
        let status = sync.wait(offset, Number.POSITIVE_INFINITY, 1, 0);
        while (status === 0) status = sync.wait(offset, stop() ? 0 : Number.POSITIVE_INFINITY, 0, 0);
        return status;
      } finally {
        sync.blockedOn(0);
      }
    },
    lockRelease: (place, ownerOnly) => woke(sync.lockRelease(place.ref.at, ownerOnly ? 1 : 0)),
    lockRecover: (place) => woke(sync.lockRecover(place.ref.at)),
    eventSet: (place) => woke(sync.eventSet(place.ref.at)),
    eventClear: (place) => sync.eventClear(place.ref.at),
    semaphoreRelease: (place, n) => woke(sync.semaphoreRelease(place.ref.at, n)),
    conditionNotify: (place, n) => sync.conditionNotify(place.ref.at, n),
    wakeNotified() {
      sync.wakeNotified();
      waits.lookSoon();
    },
    barrierActed: (place, wait, well) => woke(sync.barrierActed(place.ref.at, wait, well ? 1 : 0)),
    barrierBreak(place, reset) {
      sync.barrierBreak(place.ref.at, reset ? 1 : 0);
      waits.lookSoon();
    },
    barrierWaiting: (place) => sync.barrierWaiting(place.ref.at),
    barrierBroken: (place) => sync.barrierBroken(place.ref.at) !== 0,
    destroy: (place) => void woke(sync.destroy(place.ref.at)),
    allocate(bytes) {
      const offset = arena.allocate(bytes, KINDS.memory);
      return memoryOf(offset, arena.serial(offset), bytes);
    },
    findMemory(ref: PlaceRef, bytes: number) {
      return arena.isBlock(ref.at, KINDS.memory, ref.serial)
        ? memoryOf(ref.at, ref.serial, bytes)
        : undefined;
    },
  };
}
