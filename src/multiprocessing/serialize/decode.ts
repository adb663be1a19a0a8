/** From bytes to values. Every length is held against what is there: nothing forged makes it take more memory than a small multiple. */
import { fromHandle, isHandle } from '../../sync/index.js';
import { takeBeside } from './beside.js';
import { begin, DecodeError, finish, setProperty } from './errors.js';
import { ARRAY_BUFFER, BUFFER, DATA_VIEW, Tag, type TextBuffer, viewTypes } from './tags.js';

const SHORT = 24;
const KEYS = 1024;

const doubles = new Float64Array(1);
const bytesOfDouble = new Uint8Array(doubles.buffer);
const fromCharCode = String.fromCharCode;

/** Keys seen lately, by a hash of their bytes: most objects have the same ones again. */
const knownKeys: (string | undefined)[] = new Array(KEYS).fill(undefined);

export class Decoder {
  #buffer = Buffer.alloc(0) as TextBuffer;
  #at = 0;
  #end = 0;
  #objects: unknown[] = [];

  decode(buffer: Buffer, start: number, end: number): unknown {
    this.#buffer = buffer as TextBuffer;
    this.#at = start;
    this.#end = end;
    this.#objects.length = 0;
    const value = this.#read();
    if (this.#at !== end) throw new DecodeError('there are bytes after the value');
    return value;
  }

  #need(count: number): void {
    if (count > this.#end - this.#at) throw new DecodeError('the bytes end in the middle of the value');
  }

  #u32(): number {
    this.#need(4);
    const buffer = this.#buffer;
    const at = this.#at;
    this.#at = at + 4;
    return (
      ((buffer[at] as number) |
        ((buffer[at + 1] as number) << 8) |
        ((buffer[at + 2] as number) << 16) |
        ((buffer[at + 3] as number) << 24)) >>>
      0
    );
  }

  #count(): number {
    const count = this.#u32();
    // Each takes a byte at least.
    this.#need(count);
    return count;
  }

  #double(): number {
    this.#need(8);
    const buffer = this.#buffer;
    for (let n = 0; n < 8; ++n) bytesOfDouble[n] = buffer[this.#at++] as number;
    return doubles[0] as number;
  }

  #bytes(length: number): Buffer {
    this.#need(length);
    const start = this.#at;
    this.#at = start + length;
    // A buffer of its own, not a piece of a pool, and not filled twice.
    const bytes = Buffer.allocUnsafeSlow(length);
    this.#buffer.copy(bytes, 0, start, start + length);
    return bytes;
  }

  #text(length: number): string {
    this.#need(length);
    const start = this.#at;
    const end = start + length;
    this.#at = end;
    if (length > SHORT) return this.#buffer.latin1Slice(start, end);
    const buffer = this.#buffer;
    let text = '';
    for (let n = start; n < end; ++n) text += fromCharCode(buffer[n] as number);
    return text;
  }

  #string(): string {
    this.#need(2);
    const tag = this.#buffer[this.#at++];
    if (tag === Tag.shortString) return this.#text(this.#buffer[this.#at++] as number);
    const value = this.#longString(tag as number);
    if (value === undefined) throw new DecodeError('there is no string where one must be');
    return value;
  }

  #longString(tag: number): string | undefined {
    if (tag === Tag.latin1) return this.#text(this.#u32());
    if (tag !== Tag.utf16) return undefined;
    const length = this.#u32() * 2;
    this.#need(length);
    const start = this.#at;
    this.#at = start + length;
    return this.#buffer.ucs2Slice(start, start + length);
  }

  #key(): string {
    const buffer = this.#buffer;
    const at = this.#at;
    this.#need(2);
    if (buffer[at] !== Tag.shortString) return this.#string();
    const length = buffer[at + 1] as number;
    const start = at + 2;
    if (length > this.#end - start) this.#need(length + 2);
    let hash = length;
    for (let n = start; n < start + length; ++n) hash = (Math.imul(hash, 31) + (buffer[n] as number)) | 0;
    const slot = hash & (KEYS - 1);
    const known = knownKeys[slot];
    if (known !== undefined && known.length === length) {
      let n = 0;
      while (n < length && known.charCodeAt(n) === buffer[start + n]) ++n;
      if (n === length) {
        this.#at = start + length;
        return known;
      }
    }
    const key = this.#string();
    knownKeys[slot] = key;
    return key;
  }

  #read(): unknown {
    if (this.#at >= this.#end) this.#need(1);
    const tag = this.#buffer[this.#at++] as number;
    switch (tag) {
      case Tag.undefined:
        return undefined;
      case Tag.null:
        return null;
      case Tag.true:
        return true;
      case Tag.false:
        return false;
      case Tag.int:
        return this.#u32() | 0;
      case Tag.double:
        return this.#double();
      case Tag.shortString:
        this.#need(1);
        return this.#text(this.#buffer[this.#at++] as number);
      case Tag.latin1:
      case Tag.utf16:
        return this.#longString(tag);
      case Tag.object:
        return this.#object();
      case Tag.array: {
        const length = this.#count();
        const array: unknown[] = [];
        this.#objects.push(array);
        for (let n = 0; n < length; ++n) array.push(this.#read());
        return array;
      }
      case Tag.reference: {
        const number = this.#u32();
        if (number >= this.#objects.length) throw new DecodeError('a reference leads to what is not there');
        return this.#objects[number];
      }
      default:
        return this.#special(tag);
    }
  }

  #object(): object {
    const count = this.#count();
    const object: Record<string, unknown> = {};
    this.#objects.push(object);
    for (let n = 0; n < count; ++n) {
      const key = this.#key();
      const value = this.#read();
      if (key === '__proto__') {
        Object.defineProperty(object, key, { value, writable: true, enumerable: true, configurable: true });
      } else {
        object[key] = value;
      }
    }
    return object;
  }

  #special(tag: number): unknown {
    const objects = this.#objects;
    switch (tag) {
      case Tag.bigint: {
        this.#need(1);
        const negative = this.#buffer[this.#at++] === 1;
        const digits = this.#text(this.#u32());
        if (!/^[0-9a-f]+$/.test(digits)) throw new DecodeError('there is no number where one must be');
        const value = BigInt(`0x${digits}`);
        return negative ? -value : value;
      }
      case Tag.sparseArray: {
        const array: unknown[] = [];
        objects.push(array);
        array.length = this.#u32();
        const count = this.#count();
        for (let n = 0; n < count; ++n) {
          const key = this.#key();
          array[key as unknown as number] = this.#read();
        }
        return array;
      }
      case Tag.map: {
        const map = new Map();
        objects.push(map);
        const count = this.#count();
        for (let n = 0; n < count; ++n) {
          const key = this.#read();
          map.set(key, this.#read());
        }
        return map;
      }
      case Tag.set: {
        const set = new Set();
        objects.push(set);
        const count = this.#count();
        for (let n = 0; n < count; ++n) set.add(this.#read());
        return set;
      }
      case Tag.date:
        return this.#keep(new Date(this.#double()));
      case Tag.regexp: {
        const source = this.#string();
        return this.#keep(new RegExp(source, this.#string()));
      }
      case Tag.arrayBuffer:
        return this.#arrayBuffer();
      case Tag.view:
        return this.#view();
      case Tag.beside:
        return this.#beside();
      case Tag.boxed: {
        // Its number comes before that of anything in it, of which there is nothing.
        return this.#keep(Object(this.#read()));
      }
      case Tag.handle:
        return this.#handle();
      case Tag.error:
        return this.#error();
      default:
        throw new DecodeError(`there is no value that begins with ${tag}`);
    }
  }

  #keep<T>(value: T): T {
    this.#objects.push(value);
    return value;
  }

  #arrayBuffer(): ArrayBuffer {
    const length = this.#u32();
    const most = this.#u32();
    this.#need(length);
    const start = this.#at;
    const buffer =
      most === 0xffffffff
        ? new ArrayBuffer(length)
        : new (ArrayBuffer as new (length: number, options: object) => ArrayBuffer)(length, {
            maxByteLength: most,
          });
    this.#at = start + length;
    new Uint8Array(buffer).set(this.#buffer.subarray(start, start + length));
    return this.#keep(buffer);
  }

  #view(): ArrayBufferView {
    this.#need(1);
    const type = this.#buffer[this.#at++] as number;
    const bytes = this.#bytes(this.#u32());
    return this.#keep(viewOf(type, bytes));
  }

  #beside(): ArrayBuffer | ArrayBufferView {
    this.#need(5);
    const type = this.#buffer[this.#at++] as number;
    const buffer = takeBeside(this.#u32());
    if (buffer === undefined) throw new DecodeError('there are no bytes beside the value where some must be');
    return this.#keep(type === ARRAY_BUFFER ? buffer : viewOf(type, Buffer.from(buffer)));
  }

  #handle(): object {
    const number = this.#objects.length;
    this.#objects.push(undefined);
    const handle = this.#read();
    if (!isHandle(handle)) throw new DecodeError('there is no handle of a known kind where one must be');
    const object = fromHandle(handle);
    this.#objects[number] = object;
    return object;
  }

  #error(): Error {
    const type = this.#string();
    const base = this.#string();
    const name = this.#string();
    const message = this.#string();
    const stack = this.#read();
    const error = begin(type, base, name, message, stack as string | undefined);
    this.#objects.push(error);
    for (const enumerable of [true, false]) {
      const count = this.#count();
      for (let n = 0; n < count; ++n) {
        const key = this.#string();
        setProperty(error, key, this.#read(), enumerable);
      }
    }
    finish(error, name);
    return error;
  }
}

/** A view of type number `type` on the bytes of a buffer that has memory of its own. */
export function viewOf(type: number, bytes: Buffer): ArrayBufferView {
  if (type === BUFFER) return bytes;
  const { buffer, byteOffset, byteLength } = bytes;
  if (type === DATA_VIEW) return new DataView(buffer, byteOffset, byteLength);
  const View = viewTypes[type] as Uint8ArrayConstructor | undefined;
  if (View === undefined || byteLength % View.BYTES_PER_ELEMENT !== 0) {
    throw new DecodeError('there is no view where one must be');
  }
  return new View(buffer as ArrayBuffer, byteOffset, byteLength / View.BYTES_PER_ELEMENT);
}
