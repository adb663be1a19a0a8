/** Queues without the addon: each a SharedArrayBuffer that grows, between the threads of one process. */
import type { QueueEngine, QueueEngines } from '../../multiprocessing/queue/engine.js';
import { decode, encodeShared } from '../../multiprocessing/serialize/index.js';
import type { PlaceRef } from '../../sync/core.js';
import type { Ending } from '../../sync/waits.js';
import { identity, isAlive } from '../sync/alive.js';

const AGAIN = 0;
const DONE = 1;
const TIMED_OUT = 2;
const NO_MEMORY = 7;
const TOO_MANY = 9;
const SHUT_DOWN = 11;

// The words at the beginning.
const GUARD = 0;
const CHANGES = 1;
const CLOSED = 2;
const MAXSIZE = 3;
const PUTS = 4;
const GETS = 5;
const TASKS_DONE = 6;
const HEAD = 7;
const TAIL = 8;
const DATA = 64;

const FIRST_BYTES = 64 << 10;
const MOST_BYTES = 1 << 30;
/** No sleep is longer, so that the end of a thread that said nothing is noticed. */
const POLL_MS = 20;

interface Growable {
  readonly growable: boolean;
  grow(bytes: number): void;
}

const outcome = new Uint32Array(4);

class FallbackQueue implements QueueEngine {
  readonly ref: PlaceRef;
  readonly maxsize: number;
  readonly #buffer: SharedArrayBuffer;
  readonly #words: Int32Array;

  constructor(buffer: SharedArrayBuffer, maxsize?: number) {
    this.ref = { at: 0, serial: 0, buffer };
    this.#buffer = buffer;
    this.#words = new Int32Array(buffer, 0, DATA / 4);
    if (maxsize !== undefined) {
      this.#words[MAXSIZE] = maxsize;
      this.#words[HEAD] = DATA;
      this.#words[TAIL] = DATA;
    }
    this.maxsize = this.#words[MAXSIZE] as number;
  }

  /** Runs `change` alone; a terminated thread's place is taken over. */
  #alone<R>(change: () => R): R {
    const words = this.#words;
    for (;;) {
      const holder = Atomics.compareExchange(words, GUARD, 0, identity);
      if (holder === 0) break;
      if (!isAlive(holder) && Atomics.compareExchange(words, GUARD, holder, identity) === holder) break;
      Atomics.wait(words, GUARD, holder, 1);
    }
    try {
      return change();
    } finally {
      Atomics.store(words, GUARD, 0);
      Atomics.notify(words, GUARD, 1);
    }
  }

  #changed(): void {
    Atomics.add(this.#words, CHANGES, 1);
    Atomics.notify(this.#words, CHANGES);
  }

  #tryPut(bytes: Uint8Array): number {
    const words = this.#words;
    const [head, tail] = [words[HEAD] as number, words[TAIL] as number];
    if (words[CLOSED] !== 0) return SHUT_DOWN;
    if (this.maxsize > 0 && this.size() >= this.maxsize) return AGAIN;
    let at = tail;
    const end = () => at + 4 + bytes.length;
    if (end() > this.#buffer.byteLength) {
      new Uint8Array(this.#buffer).copyWithin(DATA, head, tail);
      words[HEAD] = DATA;
      at = DATA + tail - head;
      words[TAIL] = at;
      if (end() > MOST_BYTES) return NO_MEMORY;
      if (end() > this.#buffer.byteLength) {
        const bytesMore = Math.min(MOST_BYTES, Math.max(end(), this.#buffer.byteLength * 2));
        (this.#buffer as unknown as Growable).grow(bytesMore);
      }
    }
    new DataView(this.#buffer).setUint32(at, bytes.length, true);
    new Uint8Array(this.#buffer).set(bytes, at + 4);
    words[TAIL] = end();
    words[PUTS] = (words[PUTS] as number) + 1;
    return DONE;
  }

  #tryGet(): Buffer | undefined {
    const words = this.#words;
    const head = words[HEAD] as number;
    if (head === words[TAIL]) return undefined;
    const length = new DataView(this.#buffer).getUint32(head, true);
    const bytes = Buffer.from(new Uint8Array(this.#buffer, head + 4, length));
    words[HEAD] = head + 4 + length;
    words[GETS] = (words[GETS] as number) + 1;
    return bytes;
  }

  /** Tries until there is a result or time is over. */
  #blocking(ms: number, attempt: () => number): number {
    const deadline = performance.now() + ms;
    for (;;) {
      const changes = Atomics.load(this.#words, CHANGES);
      const status = this.#alone(attempt);
      if (status !== AGAIN) {
        if (status === DONE) this.#changed();
        return status;
      }
      const left = deadline - performance.now();
      if (!(left > 0)) return TIMED_OUT;
      Atomics.wait(this.#words, CHANGES, changes, Math.min(left, POLL_MS));
    }
  }

  put(value: unknown, ms: number): number {
    const { buffer, length } = encodeShared(value);
    return this.#blocking(ms, () => this.#tryPut(buffer.subarray(0, length)));
  }

  get(ms: number): unknown {
    let bytes: Buffer | undefined;
    outcome[0] = this.#blocking(ms, () => {
      bytes = this.#tryGet();
      if (bytes !== undefined) return DONE;
      return this.#words[CLOSED] !== 0 ? SHUT_DOWN : AGAIN;
    });
    return bytes === undefined ? undefined : decode(bytes);
  }

  join(ms: number): number {
    return this.#blocking(ms, () => (this.unfinished() === 0 ? DONE : AGAIN));
  }

  async wait(side: number, ms: number, ending: Ending): Promise<void> {
    const words = this.#words;
    const deadline = performance.now() + ms;
    let ended = false;
    ending.end = () => {
      ended = true;
    };
    const ready = [
      () => words[HEAD] !== words[TAIL] || words[CLOSED] !== 0,
      () => this.maxsize === 0 || this.size() < this.maxsize || words[CLOSED] !== 0,
      () => this.unfinished() === 0,
    ][side] as () => boolean;
    for (;;) {
      const changes = Atomics.load(words, CHANGES);
      const left = deadline - performance.now();
      if (ready() || !(left > 0) || ended) return;
      // waitAsync does not keep the event loop alive; the timer does.
      const timer = setTimeout(() => {}, POLL_MS * 2);
      const sleep = (
        Atomics as unknown as {
          waitAsync(words: Int32Array, index: number, value: number, ms: number): { value: unknown };
        }
      ).waitAsync(words, CHANGES, changes, Math.min(left, POLL_MS));
      await sleep.value;
      clearTimeout(timer);
    }
  }

  size(): number {
    return ((this.#words[PUTS] as number) - (this.#words[GETS] as number)) | 0;
  }

  unfinished(): number {
    return ((this.#words[PUTS] as number) - (this.#words[TASKS_DONE] as number)) | 0;
  }

  taskDone(): number {
    const status = this.#alone(() => {
      if (this.unfinished() === 0) return TOO_MANY;
      Atomics.add(this.#words, TASKS_DONE, 1);
      return DONE;
    });
    this.#changed();
    return status;
  }

  shutDown(immediate: boolean): void {
    this.#alone(() => {
      const words = this.#words;
      words[CLOSED] = 1;
      if (!immediate) return;
      const drained = Math.min(this.size(), this.unfinished());
      words[TASKS_DONE] = (words[TASKS_DONE] as number) + drained;
      words[GETS] = words[PUTS] as number;
      words[HEAD] = words[TAIL] as number;
    });
    this.#changed();
  }

  trim(): void {}
}

export function fallbackQueues(): QueueEngines {
  const make = (bytes: number) =>
    new (SharedArrayBuffer as unknown as new (bytes: number, options: object) => SharedArrayBuffer)(bytes, {
      maxByteLength: MOST_BYTES,
    });
  return {
    outcome,
    create: (maxsize) => new FallbackQueue(make(FIRST_BYTES), maxsize),
    find: (ref) => (ref.buffer === undefined ? undefined : new FallbackQueue(ref.buffer)),
    dispose() {},
  };
}
