/**
 * All threads of the process, in memory that they all see: `enumerate()` in one thread tells of the others, and a
 * blocked thread learns of another's end without its event loop. Every Worker inherits it, however it was made.
 */
import { getEnvironmentData, setEnvironmentData } from 'node:worker_threads';

export const FREE = 0;
export const STARTING = 1;
export const RUNNING = 2;
/** The target is done and the event loop empty; the system's thread is about to end. */
export const ENDING = 3;

const KEY = 'prong:threads';
const SLOTS = 2048;
const SLOT_WORDS = 64;
const HEADER_WORDS = 64;
const NAME_WORD = 6;
const NAME_BYTES = (SLOT_WORDS - NAME_WORD) * 4;

// Words of the header.
const NEXT_ID = 0;
const NEXT_NUMBER = 1;
const CUSTOM_HOOK = 2;
// Words of a slot.
const ID = 0;
const STATE = 1;
const NATIVE_ID = 2;
const DAEMON = 3;
const NAME_LENGTH = 4;

export const MAIN_ID = 1;

const encoder = new TextEncoder();
const decoder = new TextDecoder();

function attach(): Int32Array {
  const known = getEnvironmentData(KEY) as unknown;
  if (known instanceof SharedArrayBuffer) return new Int32Array(known);
  const made = new SharedArrayBuffer((HEADER_WORDS + SLOTS * SLOT_WORDS) * 4);
  setEnvironmentData(KEY, made);
  const words = new Int32Array(made);
  words[NEXT_ID] = MAIN_ID + 1;
  words[NEXT_NUMBER] = 1;
  return words;
}

const words = attach();

/** A number for a new thread, never used before in this process. */
export const newId = (): number => Atomics.add(words, NEXT_ID, 1);

/** Whether this process ever had a second thread of prong's. */
export const hadThreads = (): boolean => Atomics.load(words, NEXT_ID) > MAIN_ID + 1;

/** The N of `Thread-N`. */
export const newNumber = (): number => Atomics.add(words, NEXT_NUMBER, 1);

/** Whether somebody wants to see exceptions who isn't the thread itself. */
export const hasCustomHook = (): boolean => Atomics.load(words, CUSTOM_HOOK) > 0;
export const countCustomHook = (by: number): void => void Atomics.add(words, CUSTOM_HOOK, by);

/** One thread's line in the table. After the thread's end the line may be another's: hence the id in every question. */
export class Slot {
  readonly index: number;
  readonly id: number;
  readonly #base: number;

  constructor(index: number, id: number) {
    this.index = index;
    this.id = id;
    this.#base = HEADER_WORDS + index * SLOT_WORDS;
  }

  /** Takes a free line; undefined when there are as many threads as the table holds. */
  static take(id: number, name: string, daemon: boolean, state: number): Slot | undefined {
    for (let index = 0; index < SLOTS; index++) {
      const base = HEADER_WORDS + index * SLOT_WORDS;
      if (Atomics.compareExchange(words, base + ID, 0, -1) !== 0) continue;
      const slot = new Slot(index, id);
      Atomics.store(words, base + NATIVE_ID, 0);
      Atomics.store(words, base + DAEMON, daemon ? 1 : 0);
      slot.name = name;
      Atomics.store(words, base + STATE, state);
      Atomics.store(words, base + ID, id);
      return slot;
    }
    return undefined;
  }

  get valid(): boolean {
    return Atomics.load(words, this.#base + ID) === this.id;
  }

  get state(): number {
    return this.valid ? Atomics.load(words, this.#base + STATE) : FREE;
  }

  set state(state: number) {
    Atomics.store(words, this.#base + STATE, state);
    Atomics.notify(words, this.#base + STATE);
  }

  /** Blocks while the state is `state`, for `ms` at most. */
  waitWhile(state: number, ms: number): void {
    Atomics.wait(words, this.#base + STATE, state, ms);
  }

  get nativeId(): number | undefined {
    return (this.valid && Atomics.load(words, this.#base + NATIVE_ID)) || undefined;
  }

  set nativeId(id: number | undefined) {
    Atomics.store(words, this.#base + NATIVE_ID, id ?? 0);
  }

  get daemon(): boolean {
    return Atomics.load(words, this.#base + DAEMON) === 1;
  }

  get name(): string {
    const start = (this.#base + NAME_WORD) * 4;
    const length = Atomics.load(words, this.#base + NAME_LENGTH);
    return decoder.decode(new Uint8Array(words.buffer, start, length).slice());
  }

  set name(name: string) {
    const bytes = encoder.encode(cut(name));
    new Uint8Array(words.buffer, (this.#base + NAME_WORD) * 4, NAME_BYTES).set(bytes);
    Atomics.store(words, this.#base + NAME_LENGTH, bytes.length);
  }

  release(): void {
    if (!this.valid) return;
    this.state = FREE;
    Atomics.store(words, this.#base + ID, 0);
  }
}

/** A name as long as the table holds; what is beyond it is known only where the name was given. */
export function cut(name: string): string {
  let short = name;
  while (encoder.encode(short).length > NAME_BYTES) short = short.slice(0, -1);
  return short;
}

/** The lines in use. */
export function slots(): Slot[] {
  const found: Slot[] = [];
  for (let index = 0; index < SLOTS; index++) {
    const id = Atomics.load(words, HEADER_WORDS + index * SLOT_WORDS + ID);
    if (id > 0) found.push(new Slot(index, id));
  }
  return found;
}

const pause = new Int32Array(new SharedArrayBuffer(4));

/** Blocks this thread for `ms`. */
export function sleep(ms: number): void {
  Atomics.wait(pause, 0, 0, ms);
}
