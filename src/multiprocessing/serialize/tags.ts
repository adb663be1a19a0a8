/** The first byte of each value in the format; what follows it is written beside it. All numbers are little-endian. */
export enum Tag {
  undefined = 0,
  null = 1,
  true = 2,
  false = 3,
  /** int32 */
  int = 4,
  /** float64 */
  double = 5,
  /** u8 sign, u32 length, hexadecimal digits */
  bigint = 6,
  /** u8 length, Latin-1 */
  shortString = 7,
  /** u32 length, Latin-1 */
  latin1 = 8,
  /** u32 length in units, UTF-16 */
  utf16 = 9,
  /** u32 length, the elements */
  array = 10,
  /** u32 length, u32 count, that many keys and values: an array with holes or other properties */
  sparseArray = 11,
  /** u32 count, that many keys and values */
  object = 12,
  /** u32 size, keys and values */
  map = 13,
  /** u32 size, values */
  set = 14,
  /** float64 */
  date = 15,
  /** the source, the flags */
  regexp = 16,
  /** u32 length, u32 greatest length or 0xffffffff, the bytes */
  arrayBuffer = 17,
  /** u8 which (viewTypes), u32 bytes, the bytes */
  view = 18,
  /** the primitive value */
  boxed = 19,
  /** see errors.ts */
  error = 20,
  /** a plain object: the handle */
  handle = 21,
  /** u32: the number of an object that was there before */
  reference = 22,
  /** u8 which (viewTypes, or ARRAY_BUFFER), u32 place: bytes that travel beside (beside.ts) */
  beside = 23,
}

/** The numbers of the views' types in the format. */
export const viewTypes = [
  Buffer,
  Int8Array,
  Uint8Array,
  Uint8ClampedArray,
  Int16Array,
  Uint16Array,
  Int32Array,
  Uint32Array,
  Float32Array,
  Float64Array,
  BigInt64Array,
  BigUint64Array,
  DataView,
] as const;
export const BUFFER = 0;
export const DATA_VIEW = 12;
export const ARRAY_BUFFER = 13;

/** The number of a view's type; -1 where it has none. */
export function viewTypeOf(view: ArrayBufferView): number {
  if (Buffer.isBuffer(view)) return BUFFER;
  return viewTypes.findIndex((type, number) => number !== BUFFER && view instanceof type);
}

/** Methods that all buffers have and the types leave out: without the look at a name of an encoding. */
export interface TextBuffer extends Buffer {
  latin1Slice(start: number, end: number): string;
  ucs2Slice(start: number, end: number): string;
  latin1Write(text: string, at: number, bytes: number): number;
  ucs2Write(text: string, at: number, bytes: number): number;
}
