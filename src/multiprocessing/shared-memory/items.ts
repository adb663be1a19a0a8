/** How CPython's ShareableList keeps one item: a `struct` format, a code for the way back, and bytes. */
import { invalidType, outOfRange } from '../../util/check.js';

/** What an item can be; `Uint8Array` is Python's `bytes`, `null` its `None`, a `bigint` an `int` that a number can't hold. */
export type ShareableItem = number | bigint | boolean | string | Uint8Array | null;

const WORD = 8;
const FALSE_AT = 7;
const MAX = 2n ** 63n - 1n;
const MIN = -(2n ** 63n);

export const Code = { value: 0, string: 1, bytes: 2, none: 3 } as const;

export interface Packed {
  format: string;
  code: number;
  /** What is stored, at the start of the item's room. */
  bytes: Uint8Array;
  /** Strings and bytes keep the room they have; the others take a word. */
  isText: boolean;
}

function word(write: (view: DataView) => void): Uint8Array {
  const bytes = new Uint8Array(WORD);
  write(new DataView(bytes.buffer));
  return bytes;
}

/** `name` is what an error calls the item. */
export function packItem(value: unknown, name: string): Packed {
  if (typeof value === 'number') {
    return Number.isSafeInteger(value) && !Object.is(value, -0)
      ? packItem(BigInt(value), name)
      : {
          format: 'd',
          code: Code.value,
          bytes: word((view) => view.setFloat64(0, value, true)),
          isText: false,
        };
  }
  if (typeof value === 'bigint') {
    if (value < MIN || value > MAX) throw outOfRange(name, '>= -(2n ** 63n) and < 2n ** 63n', value);
    return {
      format: 'q',
      code: Code.value,
      bytes: word((view) => view.setBigInt64(0, value, true)),
      isText: false,
    };
  }
  if (typeof value === 'boolean') {
    const bytes = word((view) => view.setUint8(FALSE_AT, value ? 1 : 0));
    return { format: 'xxxxxxx?', code: Code.value, bytes, isText: false };
  }
  if (value === null)
    return { format: 'xxxxxx?x', code: Code.none, bytes: new Uint8Array(WORD), isText: false };
  if (typeof value === 'string') return text(Buffer.from(value), Code.string);
  if (value instanceof Uint8Array) return text(value, Code.bytes);
  throw invalidType(name, 'a number, bigint, boolean, string, Uint8Array or null', value);
}

function text(bytes: Uint8Array, code: number): Packed {
  return { format: `${WORD * (Math.floor(bytes.length / WORD) + 1)}s`, code, bytes, isText: true };
}

/** How much room an item of this format has. */
export function roomOf(format: string): number {
  return format.endsWith('s') ? Number(format.slice(0, -1)) : WORD;
}

export function isFormat(format: string): boolean {
  return /^(q|d|xxxxxxx\?|xxxxxx\?x|\d{1,7}s)$/.test(format);
}

export function unpackItem(format: string, code: number, room: Buffer): ShareableItem {
  if (code === Code.none) return null;
  if (format.endsWith('s')) {
    let end = Math.min(room.length, Number(format.slice(0, -1)));
    while (end > 0 && room[end - 1] === 0) end--;
    return code === Code.string ? room.toString('utf8', 0, end) : Buffer.from(room.subarray(0, end));
  }
  if (format === 'd') return room.readDoubleLE(0);
  if (format === 'q') {
    const value = room.readBigInt64LE(0);
    const number = Number(value);
    return Number.isSafeInteger(number) ? number : value;
  }
  return room[FALSE_AT] !== 0;
}
