/** Queues in the shared arena: numbers, strings and bytes go straight into it, everything else is encoded first. */
import { nativePart } from '../../binding.js';
import { core, type PlaceRef } from '../../sync/core.js';
import type { Ending } from '../../sync/waits.js';
import { viewOf } from '../serialize/decode.js';
import { decode, encodeShared } from '../serialize/index.js';
import { DATA_VIEW, viewTypeOf } from '../serialize/tags.js';
import type { QueueEngine, QueueEngines } from './engine.js';

interface QueueBinding {
  attach(state: Uint32Array, bytes: Uint8Array): void;
  create(maxsize: number): number;
  dispose(at: number): void;
  putNumber(at: number, value: number, ms: number, tag: number): number;
  putString(at: number, value: string, ms: number): number;
  putBytes(at: number, tag: number, bytes: ArrayBufferView, length: number, ms: number): number;
  get(at: number, ms: number): unknown;
  takeBig(into?: Uint8Array): void;
  size(at: number): number;
  maxsize(at: number): number;
  unfinished(at: number): number;
  taskDone(at: number): number;
  join(at: number, ms: number): number;
  shutDown(at: number, immediate: number): void;
  trim(at: number): void;
  gate(at: number, side: number): number;
}

interface ArenaBinding {
  serial(offset: number): number;
  isBlock(offset: number, kind: number, serial: number): boolean;
}

const QUEUE_KIND = 7;
// The words of the state; see binding/queue.cc.
const STATUS = 0;
const TAG = 1;
const SIZE_LOW = 2;
const SIZE_HIGH = 3;
const DONE = 1;
/** The longest message that comes through the buffer below. */
const INLINE_MOST = 16 << 10;
const LONGEST_STRING = 2048;

// Messages' tags; those below 8 are the binding's own.
const NUMBER = 1;
const UNDEFINED = 8;
const NULL = 9;
const TRUE = 10;
const FALSE = 11;
const ENCODED = 12;
const VIEW = 16;
const BIG = 0x8000;

/** `undefined` without the addon. */
export function nativeQueues(): QueueEngines | undefined {
  const native = nativePart<QueueBinding>('queue');
  const arena = nativePart<ArenaBinding>('arena');
  if (native === undefined || arena === undefined) return undefined;

  const state = new Uint32Array(4);
  const inbox = Buffer.allocUnsafeSlow(INLINE_MOST);
  native.attach(state, inbox);

  /** Makes the value of a message that the binding has left as bytes. */
  const receive = (tag: number): unknown => {
    const kind = tag & ~BIG;
    if (kind === UNDEFINED) return undefined;
    if (kind === NULL) return null;
    if (kind === TRUE || kind === FALSE) return kind === TRUE;
    const size = (state[SIZE_LOW] as number) + (state[SIZE_HIGH] as number) * 2 ** 32;
    if (kind === ENCODED && kind === tag) return decode(inbox, 0, size);
    let bytes: Buffer;
    try {
      bytes = Buffer.allocUnsafeSlow(size);
    } catch (error) {
      native.takeBig();
      throw error;
    }
    if (kind === tag) inbox.copy(bytes, 0, 0, size);
    else native.takeBig(bytes);
    return kind === ENCODED ? decode(bytes) : viewOf(kind - VIEW, bytes);
  };

  class NativeQueue implements QueueEngine {
    readonly ref: PlaceRef;
    readonly maxsize: number;
    readonly #at: number;
    readonly #gates: { ref: PlaceRef }[];

    constructor(at: number) {
      this.#at = at;
      this.ref = { at, serial: arena!.serial(at) };
      this.maxsize = native!.maxsize(at);
      this.#gates = [0, 1, 2].map((side) => ({ ref: { at: native!.gate(at, side), serial: 0 } }));
    }

    put(value: unknown, ms: number): number {
      const status = this.#put(value, ms);
      if (status === DONE) core.lookSoon();
      return status;
    }

    #put(value: unknown, ms: number): number {
      const at = this.#at;
      switch (typeof value) {
        case 'number':
          return native!.putNumber(at, value, ms, NUMBER);
        case 'string':
          if (value.length <= LONGEST_STRING) return native!.putString(at, value, ms);
          break;
        case 'undefined':
          return native!.putNumber(at, 0, ms, UNDEFINED);
        case 'boolean':
          return native!.putNumber(at, 0, ms, value ? TRUE : FALSE);
        case 'object':
          if (value === null) return native!.putNumber(at, 0, ms, NULL);
          if (ArrayBuffer.isView(value)) {
            const type = viewTypeOf(value);
            if (type >= 0) {
              const bytes =
                type === DATA_VIEW ? new Uint8Array(value.buffer, value.byteOffset, value.byteLength) : value;
              return native!.putBytes(at, VIEW + type, bytes, value.byteLength, ms);
            }
          }
          break;
      }
      const { buffer, length } = encodeShared(value);
      return native!.putBytes(at, ENCODED, buffer, length, ms);
    }

    get(ms: number): unknown {
      const value = native!.get(this.#at, ms);
      if (state[STATUS] !== DONE) return undefined;
      if (this.maxsize > 0) core.lookSoon();
      const tag = state[TAG] as number;
      if (tag === 0) return value;
      const received = receive(tag);
      state[STATUS] = DONE;
      return received;
    }

    join(ms: number): number {
      return native!.join(this.#at, ms);
    }

    wait(side: number, ms: number, ending: Ending): Promise<unknown> {
      return core.wait(this.#gates[side] as { ref: PlaceRef }, ms, 0, 0, ending);
    }

    size(): number {
      return native!.size(this.#at);
    }

    unfinished(): number {
      return native!.unfinished(this.#at);
    }

    taskDone(): number {
      const status = native!.taskDone(this.#at);
      core.lookSoon();
      return status;
    }

    shutDown(immediate: boolean): void {
      native!.shutDown(this.#at, immediate ? 1 : 0);
      core.lookSoon();
    }

    trim(): void {
      native!.trim(this.#at);
    }
  }

  return {
    outcome: state,
    create: (maxsize) => new NativeQueue(native.create(maxsize)),
    find: (ref) => (arena.isBlock(ref.at, QUEUE_KIND, ref.serial) ? new NativeQueue(ref.at) : undefined),
    dispose: (ref) => native.dispose(ref.at),
  };
}
