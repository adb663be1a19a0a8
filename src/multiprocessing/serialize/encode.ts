/**
 * From values to bytes. Written in JavaScript because that is where the values are: V8's own serializer costs a microsecond
 * for each call from here, and loses what makes an error useful.
 */
import { types } from 'node:util';
import { isTravelling, toHandle } from '../../sync/index.js';
import { putBeside } from './beside.js';
import { DataCloneError, describeProperty, isErrorLike, takeApart } from './errors.js';
import { ARRAY_BUFFER, Tag, type TextBuffer, viewTypeOf } from './tags.js';
import { whyNot } from './uncloneable.js';

/** Strings up to here are written by a loop: a call costs more. */
const SHORT = 48;
/** From here on objects are looked up in a map instead of a list. */
const FEW = 24;
const SMALLEST = 16 << 10;
/** A buffer that has grown beyond this is not kept. */
const LARGEST_KEPT = 1 << 20;
const MOST = 2 ** 31 - 1;

const doubles = new Float64Array(1);
const bytesOfDouble = new Uint8Array(doubles.buffer);

export interface Encoded {
  /** Valid until the next value is encoded. */
  buffer: Buffer;
  length: number;
}

export class Encoder implements Encoded {
  buffer = Buffer.allocUnsafeSlow(SMALLEST) as TextBuffer;
  length = 0;
  #objects: object[] = [];
  #numbers: Map<object, number> | undefined;
  #busy = false;

  get busy(): boolean {
    return this.#busy;
  }

  /** The bytes are in `buffer`, from 0 to `length`. Throws `DataCloneError`. */
  encode(value: unknown, name: string): this {
    this.#busy = true;
    this.length = 0;
    try {
      if (this.buffer.length > LARGEST_KEPT) this.buffer = Buffer.allocUnsafeSlow(SMALLEST) as TextBuffer;
      this.#write(value);
      return this;
    } catch (error) {
      if (error instanceof DataCloneError) throw new DataCloneError(name + error.path, error.what);
      throw error;
    } finally {
      this.#busy = false;
      if (this.#objects.length > 0) this.#objects = [];
      this.#numbers = undefined;
    }
  }

  #need(count: number): void {
    const least = this.length + count;
    if (least <= this.buffer.length) return;
    if (least > MOST) {
      throw Object.assign(new RangeError('the value is too large: more than 2 GiB'), {
        code: 'ERR_OUT_OF_RANGE',
      });
    }
    const size = Math.min(MOST, Math.max(least, this.buffer.length * 2));
    const larger = Buffer.allocUnsafeSlow(size) as TextBuffer;
    this.buffer.copy(larger, 0, 0, this.length);
    this.buffer = larger;
  }

  #tag(tag: Tag): void {
    this.#need(16);
    this.buffer[this.length++] = tag;
  }

  #u32(value: number): void {
    this.#need(4);
    const { buffer } = this;
    let at = this.length;
    buffer[at++] = value;
    buffer[at++] = value >>> 8;
    buffer[at++] = value >>> 16;
    buffer[at++] = value >>> 24;
    this.length = at;
  }

  #double(value: number): void {
    this.#need(8);
    doubles[0] = value;
    const { buffer } = this;
    let at = this.length;
    for (let n = 0; n < 8; ++n) buffer[at++] = bytesOfDouble[n] as number;
    this.length = at;
  }

  #bytes(bytes: Uint8Array): void {
    this.#need(bytes.length);
    this.buffer.set(bytes, this.length);
    this.length += bytes.length;
  }

  #string(value: string): void {
    const { length } = value;
    if (length <= SHORT) {
      this.#need(SHORT + 2);
      const { buffer } = this;
      let at = this.length;
      buffer[at++] = Tag.shortString;
      buffer[at++] = length;
      let all = 0;
      for (let n = 0; n < length; ++n) {
        const unit = value.charCodeAt(n);
        all |= unit;
        buffer[at++] = unit;
      }
      if (all < 256) {
        this.length = at;
        return;
      }
    } else if (Buffer.byteLength(value) === length) {
      this.#tag(Tag.latin1);
      this.#u32(length);
      this.#need(length);
      this.length += this.buffer.latin1Write(value, this.length, length);
      return;
    }
    this.#tag(Tag.utf16);
    this.#u32(length);
    this.#need(length * 2);
    this.length += this.buffer.ucs2Write(value, this.length, length * 2);
  }

  #write(value: unknown): void {
    switch (typeof value) {
      case 'string':
        this.#string(value);
        return;
      case 'number':
        if ((value | 0) === value && (value !== 0 || 1 / value > 0)) {
          this.#tag(Tag.int);
          this.#u32(value);
        } else {
          this.#tag(Tag.double);
          this.#double(value);
        }
        return;
      case 'boolean':
        this.#tag(value ? Tag.true : Tag.false);
        return;
      case 'undefined':
        this.#tag(Tag.undefined);
        return;
      case 'bigint':
        this.#bigint(value);
        return;
      case 'object':
        if (value === null) this.#tag(Tag.null);
        else this.#object(value);
        return;
      case 'function':
        throw new DataCloneError('', 'is a function');
      case 'symbol':
        throw new DataCloneError('', 'is a symbol');
    }
  }

  #bigint(value: bigint): void {
    this.#tag(Tag.bigint);
    this.buffer[this.length++] = value < 0n ? 1 : 0;
    const digits = (value < 0n ? -value : value).toString(16);
    this.#u32(digits.length);
    this.#need(digits.length);
    this.length += this.buffer.latin1Write(digits, this.length, digits.length);
  }

  /** Whether the object has been written before; writes the reference to it then. */
  #repeated(value: object): boolean {
    const objects = this.#objects;
    let number: number | undefined;
    if (objects.length <= FEW) {
      const index = objects.indexOf(value);
      number = index < 0 ? undefined : index;
    } else {
      this.#numbers ??= new Map(objects.map((object, index) => [object, index]));
      number = this.#numbers.get(value);
    }
    if (number !== undefined) {
      this.#tag(Tag.reference);
      this.#u32(number);
      return true;
    }
    this.#numbers?.set(value, objects.length);
    objects.push(value);
    return false;
  }

  #object(value: object): void {
    if (this.#repeated(value)) return;
    const prototype = Object.getPrototypeOf(value);
    if (prototype === Object.prototype) this.#properties(value, Tag.object);
    else if (Array.isArray(value)) this.#array(value);
    else this.#special(value);
  }

  #properties(value: object, tag: Tag): void {
    const keys = Object.keys(value);
    this.#tag(tag);
    this.#u32(keys.length);
    for (let n = 0; n < keys.length; ++n) {
      const key = keys[n] as string;
      const property = (value as Record<string, unknown>)[key];
      this.#string(key);
      this.#child(property, key);
    }
  }

  /** A value inside another one; an error is told where. */
  #child(value: unknown, key: string | number): void {
    if (typeof value !== 'object' && typeof value !== 'function' && typeof value !== 'symbol') {
      this.#write(value);
      return;
    }
    try {
      this.#write(value);
    } catch (error) {
      if (error instanceof DataCloneError) throw new DataCloneError(step(key) + error.path, error.what);
      throw error;
    }
  }

  #array(value: unknown[]): void {
    const { length } = value;
    const keys = Object.keys(value);
    if (keys.length !== length || (length > 0 && keys[length - 1] !== String(length - 1))) {
      this.#tag(Tag.sparseArray);
      this.#u32(length);
      this.#u32(keys.length);
      for (const key of keys) {
        this.#string(key);
        this.#child(value[key as unknown as number], /^\d+$/.test(key) ? Number(key) : key);
      }
      return;
    }
    this.#tag(Tag.array);
    this.#u32(length);
    for (let n = 0; n < length; ++n) this.#child(value[n], n);
  }

  #special(value: object): void {
    if (ArrayBuffer.isView(value)) this.#view(value);
    else if (types.isMap(value)) this.#map(value);
    else if (types.isSet(value)) this.#set(value);
    else if (types.isDate(value)) {
      this.#tag(Tag.date);
      this.#double(value.getTime());
    } else if (types.isRegExp(value)) {
      this.#tag(Tag.regexp);
      this.#string(value.source);
      this.#string(value.flags);
    } else if (types.isArrayBuffer(value)) this.#arrayBuffer(value);
    else if (types.isBoxedPrimitive(value)) {
      this.#tag(Tag.boxed);
      this.#write(value.valueOf());
    } else if (isTravelling(value)) {
      this.#tag(Tag.handle);
      this.#write(toHandle(value));
    } else if (isErrorLike(value)) this.#error(value);
    else this.#instance(value);
  }

  /** As the structured clone algorithm has it, an instance of a class travels by its own properties. */
  #instance(value: object): void {
    const why = whyNot(value);
    if (why !== undefined) throw new DataCloneError('', why);
    this.#properties(value, Tag.object);
  }

  #view(value: ArrayBufferView): void {
    const type = viewTypeOf(value);
    if (type < 0) throw new DataCloneError('', `is a ${value.constructor.name}`);
    const bytes = new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
    if (this.#beside(type, bytes)) return;
    this.#tag(Tag.view);
    this.buffer[this.length++] = type;
    this.#u32(value.byteLength);
    this.#bytes(bytes);
  }

  #beside(type: number, bytes: Uint8Array): boolean {
    const place = putBeside(bytes);
    if (place === undefined) return false;
    this.#tag(Tag.beside);
    this.buffer[this.length++] = type;
    this.#u32(place);
    return true;
  }

  #arrayBuffer(value: ArrayBuffer): void {
    const { detached, resizable, maxByteLength } = value as ArrayBuffer & {
      detached?: boolean;
      resizable?: boolean;
      maxByteLength?: number;
    };
    if (detached) throw new DataCloneError('', 'is a detached ArrayBuffer');
    if (!resizable && this.#beside(ARRAY_BUFFER, new Uint8Array(value))) return;
    this.#tag(Tag.arrayBuffer);
    this.#u32(value.byteLength);
    this.#u32(resizable ? (maxByteLength as number) : 0xffffffff);
    this.#bytes(new Uint8Array(value));
  }

  #map(value: Map<unknown, unknown>): void {
    // As they are now: reading a property may change the map.
    const entries = [...value];
    this.#tag(Tag.map);
    this.#u32(entries.length);
    entries.forEach(([key, entry], index) => {
      this.#child(key, `.keys()[${index}]`);
      this.#child(entry, typeof key === 'object' ? `.values()[${index}]` : `.get(${describeProperty(key)})`);
    });
  }

  #set(value: Set<unknown>): void {
    const entries = [...value];
    this.#tag(Tag.set);
    this.#u32(entries.length);
    entries.forEach((entry, index) => {
      this.#child(entry, `.values()[${index}]`);
    });
  }

  #error(value: Error): void {
    const parts = takeApart(value);
    this.#tag(Tag.error);
    for (const text of [parts.type, parts.base, parts.name, parts.message]) this.#string(text);
    this.#write(parts.stack);
    for (const list of [parts.shown, parts.hidden]) {
      this.#u32(list.length);
      for (const [key, property] of list) {
        this.#string(key);
        this.#orDescription(property, key);
      }
    }
  }

  /** A property of an error, or, where it can't travel, a text: the error matters more. */
  #orDescription(property: unknown, key: string): void {
    const { length } = this;
    const count = this.#objects.length;
    try {
      // An own error's or aggregate's parts are as strict as itself: they describe what is theirs.
      this.#child(property, key);
    } catch (error) {
      if (!(error instanceof DataCloneError)) throw error;
      this.length = length;
      this.#objects.length = count;
      this.#numbers = undefined;
      this.#string(describeProperty(property));
    }
  }
}

function step(key: string | number): string {
  if (typeof key === 'number') return `[${key}]`;
  if (key.startsWith('.')) return key;
  return /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u.test(key) ? `.${key}` : `[${JSON.stringify(key)}]`;
}
