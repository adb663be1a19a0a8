/** Text mode: bytes to strings and back. */
import { invalidType, invalidValue } from '../util/check.js';
import type { Chunk, PopenOptions } from './types.js';

export interface TextMode {
  encoding: BufferEncoding;
  errors: 'strict' | 'replace';
}

function checkEncoding(encoding: unknown): BufferEncoding {
  if (typeof encoding !== 'string') throw invalidType('options.encoding', 'of type string', encoding);
  if (Buffer.isEncoding(encoding)) return encoding;
  // Python's spellings: 'latin-1', 'utf_8'.
  const plain = encoding.replace(/[-_]/g, '').toLowerCase();
  if (Buffer.isEncoding(plain)) return plain;
  throw Object.assign(invalidValue('options.encoding', 'is not an encoding that Node knows', encoding), {
    code: 'ERR_UNKNOWN_ENCODING',
  });
}

/** `null` where output is bytes. */
export function resolveText(options: PopenOptions): TextMode | null {
  const { encoding, errors } = options;
  if (errors !== undefined && errors !== 'strict' && errors !== 'replace') {
    throw invalidValue('options.errors', "must be 'strict' or 'replace'", errors);
  }
  const named = encoding !== undefined && encoding !== null;
  if (named && encoding === 'buffer') return null;
  if (!named && errors === undefined && !options.text && !options.universalNewlines) return null;
  return { encoding: named ? checkEncoding(encoding) : 'utf8', errors: errors ?? 'replace' };
}

function decodeBytes(bytes: Buffer, mode: TextMode): string {
  const utf8 = mode.encoding === 'utf8' || mode.encoding === 'utf-8';
  if (!utf8 || mode.errors === 'replace') return bytes.toString(mode.encoding);
  return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
}

/** Decodes a whole output. Line endings become '\n', as in Python's text mode. */
export function decode(bytes: Buffer, mode: TextMode): string {
  const text = decodeBytes(bytes, mode);
  return text.includes('\r') ? text.replace(/\r\n?/g, '\n') : text;
}

/** One piece of input as bytes, without copying where it is bytes already. */
export function toBytes(chunk: unknown, mode: TextMode | null, name = 'input'): Uint8Array {
  if (typeof chunk === 'string') return Buffer.from(chunk, mode?.encoding ?? 'utf8');
  if (chunk instanceof Uint8Array) return chunk;
  if (ArrayBuffer.isView(chunk)) return new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength);
  if (chunk instanceof ArrayBuffer || chunk instanceof SharedArrayBuffer) return new Uint8Array(chunk);
  throw invalidType(name, 'a string, an ArrayBuffer, a view of one, a stream or an iterable of these', chunk);
}

/** Whether `toBytes` takes it as one piece. */
export function isChunk(input: unknown): input is Chunk {
  return (
    typeof input === 'string' ||
    ArrayBuffer.isView(input) ||
    input instanceof ArrayBuffer ||
    input instanceof SharedArrayBuffer
  );
}
