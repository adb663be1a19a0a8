/** The element types of shared numbers, and how each is read, written and changed atomically. */
import { checkBoolean, checkInteger, invalidType, invalidValue, outOfRange } from '../util/check.js';

type IntArray = Int8Array | Uint8Array | Int16Array | Uint16Array | Int32Array | Uint32Array;
type BigArray = BigInt64Array | BigUint64Array;
type FloatArray = Float32Array | Float64Array;
export type View = IntArray | BigArray | FloatArray;
/** The typed array behind an array of `T`. */
export type ViewOf<T> = T extends bigint ? BigArray : IntArray | FloatArray;
export type Scalar = number | bigint | boolean;
/** `number` for `0`, and so on. */
export type Widen<T> = T extends number
  ? number
  : T extends bigint
    ? bigint
    : T extends boolean
      ? boolean
      : T;

export type TypeName =
  | 'int8'
  | 'uint8'
  | 'int16'
  | 'uint16'
  | 'int32'
  | 'uint32'
  | 'int64'
  | 'uint64'
  | 'float32'
  | 'float64'
  | 'bool';
/** Python's `array` and `ctypes` letters. */
export type TypeCode = 'b' | 'B' | 'h' | 'H' | 'i' | 'I' | 'l' | 'L' | 'q' | 'Q' | 'f' | 'd' | 'c' | '?';

const CODES: Record<string, TypeName> = {
  b: 'int8',
  B: 'uint8',
  c: 'uint8',
  h: 'int16',
  H: 'uint16',
  i: 'int32',
  I: 'uint32',
  l: 'int64',
  L: 'uint64',
  q: 'int64',
  Q: 'uint64',
  f: 'float32',
  d: 'float64',
  '?': 'bool',
};

export interface ElementType {
  readonly name: TypeName;
  readonly bytes: number;
  view(buffer: ArrayBufferLike, byteOffset: number, length: number): View;
  /** Throws what is wrong with `value`; gives it in the form that is stored. */
  check(value: unknown): number | bigint;
  get(view: View, index: number): Scalar;
  set(view: View, index: number, value: number | bigint): void;
  /** Adds atomically and gives the value before. */
  add(view: View, index: number, value: number | bigint): Scalar;
  /** Stores `to` where `from` is found; gives what was found. */
  exchange(view: View, index: number, from: number | bigint, to: number | bigint): Scalar;
}

function integers(
  name: TypeName,
  bytes: number,
  Type: new (buffer: ArrayBufferLike, byteOffset: number, length: number) => IntArray,
  min: number,
  max: number,
): ElementType {
  return {
    name,
    bytes,
    view: (buffer, byteOffset, length) => new Type(buffer, byteOffset, length),
    check(value) {
      checkInteger('value', value, min, max);
      return value;
    },
    get: (view, index) => Atomics.load(view as IntArray, index),
    set: (view, index, value) => void Atomics.store(view as IntArray, index, value as number),
    add: (view, index, value) => Atomics.add(view as IntArray, index, value as number),
    exchange: (view, index, from, to) =>
      Atomics.compareExchange(view as IntArray, index, from as number, to as number),
  };
}

function bigints(
  name: TypeName,
  Type: new (buffer: ArrayBufferLike, byteOffset: number, length: number) => BigArray,
  min: bigint,
  max: bigint,
): ElementType {
  return {
    name,
    bytes: 8,
    view: (buffer, byteOffset, length) => new Type(buffer, byteOffset, length),
    check(value) {
      if (typeof value === 'number') {
        checkInteger('value', value);
        return BigInt(value);
      }
      if (typeof value !== 'bigint') throw invalidType('value', 'of type bigint or an integer', value);
      if (value < min || value > max) throw outOfRange('value', `>= ${min} and <= ${max}`, value);
      return value;
    },
    get: (view, index) => Atomics.load(view as BigArray, index),
    set: (view, index, value) => void Atomics.store(view as BigArray, index, value as bigint),
    add: (view, index, value) => Atomics.add(view as BigArray, index, value as bigint),
    exchange: (view, index, from, to) =>
      Atomics.compareExchange(view as BigArray, index, from as bigint, to as bigint),
  };
}

// Atomics take no floats: their bits are exchanged as integers of the same size.
const float = new Float64Array(1);
const single = new Float32Array(1);
const bits64 = new BigInt64Array(float.buffer);
const bits32 = new Int32Array(single.buffer);

function floats(bytes: 4 | 8): ElementType {
  const wide = bytes === 8;
  const toBits = (value: number): number | bigint => {
    if (wide) {
      float[0] = value;
      return bits64[0] as bigint;
    }
    single[0] = value;
    return bits32[0] as number;
  };
  const fromBits = (bits: number | bigint): number => {
    if (wide) {
      bits64[0] = bits as bigint;
      return float[0] as number;
    }
    bits32[0] = bits as number;
    return single[0] as number;
  };
  const twins = new WeakMap<View, Int32Array | BigInt64Array>();
  const twin = (view: View) => {
    let ints = twins.get(view);
    if (ints === undefined) {
      ints = wide
        ? new BigInt64Array(view.buffer, view.byteOffset, view.length)
        : new Int32Array(view.buffer, view.byteOffset, view.length);
      twins.set(view, ints);
    }
    return ints as BigInt64Array;
  };
  const swap = (view: View, index: number, from: number | bigint, to: number | bigint) =>
    Atomics.compareExchange(twin(view), index, from as bigint, to as bigint);
  return {
    name: wide ? 'float64' : 'float32',
    bytes,
    view: (buffer, byteOffset, length) =>
      wide ? new Float64Array(buffer, byteOffset, length) : new Float32Array(buffer, byteOffset, length),
    check(value) {
      if (typeof value !== 'number') throw invalidType('value', 'of type number', value);
      return value;
    },
    get: (view, index) => (view as FloatArray)[index] as number,
    set: (view, index, value) => {
      (view as FloatArray)[index] = value as number;
    },
    add(view, index, value) {
      let bits: number | bigint = Atomics.load(twin(view), index);
      for (;;) {
        const before = fromBits(bits);
        const found = swap(view, index, bits, toBits(before + (value as number)));
        if (found === bits) return before;
        bits = found;
      }
    },
    exchange(view, index, from, to) {
      // 0 and -0 are equal and differ in bits; so do NaNs. What counts is the number.
      let bits: number | bigint = Atomics.load(twin(view), index);
      for (;;) {
        const now = fromBits(bits);
        if (now !== fromBits(toBits(from as number))) return now;
        const found = swap(view, index, bits, toBits(to as number));
        if (found === bits) return now;
        bits = found;
      }
    },
  };
}

const uint8 = integers('uint8', 1, Uint8Array, 0, 255);

const TYPES: Record<TypeName, ElementType> = {
  int8: integers('int8', 1, Int8Array, -128, 127),
  uint8,
  int16: integers('int16', 2, Int16Array, -(2 ** 15), 2 ** 15 - 1),
  uint16: integers('uint16', 2, Uint16Array, 0, 2 ** 16 - 1),
  int32: integers('int32', 4, Int32Array, -(2 ** 31), 2 ** 31 - 1),
  uint32: integers('uint32', 4, Uint32Array, 0, 2 ** 32 - 1),
  int64: bigints('int64', BigInt64Array, -(2n ** 63n), 2n ** 63n - 1n),
  uint64: bigints('uint64', BigUint64Array, 0n, 2n ** 64n - 1n),
  float32: floats(4),
  float64: floats(8),
  bool: {
    ...uint8,
    name: 'bool',
    check(value) {
      checkBoolean('value', value);
      return value ? 1 : 0;
    },
    get: (view, index) => Atomics.load(view as IntArray, index) !== 0,
    add() {
      throw invalidValue('type', 'must be a type of numbers for add()', 'bool');
    },
    exchange: (view, index, from, to) =>
      Atomics.compareExchange(view as IntArray, index, from as number, to as number) !== 0,
  },
};

/** Finds a type by its name or Python's letter. Throws `ERR_INVALID_ARG_VALUE` for an unknown one. */
export function elementType(type: unknown): ElementType {
  if (typeof type !== 'string') throw invalidType('type', 'of type string', type);
  const name = CODES[type] ?? type;
  if (!Object.hasOwn(TYPES, name))
    throw invalidValue('type', `must be one of ${Object.keys(TYPES)} or a type code`, type);
  return TYPES[name as TypeName];
}
