/**
 * Values as bytes, for queues, connections, results and tasks: what the structured clone algorithm takes, primitives by handle
 * (`registerHandleType`), and errors whole. A `Buffer` arrives as a `Buffer`; a view brings its own bytes only, not all of its buffer.
 */
import { invalidType } from '../../util/check.js';
import { Decoder } from './decode.js';
import { Encoder } from './encode.js';

export { DataCloneError, DecodeError, registerErrorClass } from './errors.js';
export { Encoder };

let encoder = new Encoder();

/** For use at once, in the same turn and without a copy: `buffer` up to `length`. */
export function encodeShared(value: unknown, name = 'value'): { buffer: Buffer; length: number } {
  // A getter in a value may encode another one.
  if (encoder.busy) encoder = new Encoder();
  return encoder.encode(value, name);
}

/**
 * The value as bytes. Throws `DataCloneError` (`ERR_DATA_CLONE`) naming the place of what can't be cloned, with `name` for the value
 * itself: `value.a[3].f is a function and can't be cloned`.
 */
export function encode(value: unknown, name = 'value'): Buffer {
  const { buffer, length } = encodeShared(value, name);
  const bytes = Buffer.allocUnsafeSlow(length);
  buffer.copy(bytes, 0, 0, length);
  return bytes;
}

const decoders: Decoder[] = [];

/** The value that `encode` made these bytes of. Throws `DecodeError` (`ERR_DECODE`) for any others. */
export function decode(bytes: Uint8Array, start = 0, end = bytes.length): unknown {
  if (!(bytes instanceof Uint8Array)) throw invalidType('bytes', 'an instance of Uint8Array', bytes);
  const buffer = Buffer.isBuffer(bytes)
    ? bytes
    : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  // What a handle stands for may be decoded in turn.
  const decoder = decoders.pop() ?? new Decoder();
  try {
    return decoder.decode(buffer, start, end);
  } finally {
    decoders.push(decoder);
  }
}
