import { inspect } from 'node:util';
import { ProngError } from '../../errors.js';
import { handleKind, registerHandleType } from '../../sync/handle.js';
import '../../sync/dispose.js';
import { checkInteger, invalidType, outOfRange } from '../../util/check.js';
import { isFormat, type Packed, packItem, roomOf, type ShareableItem, unpackItem } from './items.js';
import { SharedMemory } from './shared-memory.js';

const WORD = 8;
// A struct format has eight characters at most.
const FORMAT = 8;
const KIND = 'ShareableList';

export interface ShareableListOptions {
  /** The name of the segment: with values, of a new one; without, of one that is there. */
  name?: string | undefined;
}

function isIndex(key: string | symbol): key is string {
  return typeof key === 'string' && /^(?:0|[1-9]\d*)$/.test(key);
}

/** Where the parts of a list lie, as CPython lays them out. */
interface Layout {
  length: number;
  /** Of each item from the start of the data, and of their end. */
  offsets: number[];
  data: number;
  formats: number;
  codes: number;
}

function layoutOf(offsets: number[]): Layout {
  const length = offsets.length - 1;
  const data = (length + 2) * WORD;
  const formats = data + offsets[length]!;
  return { length, offsets, data, formats, codes: formats + length * FORMAT };
}

function readLayout(memory: SharedMemory): Layout {
  const { buf, name } = memory;
  const bad = () => new ProngError('EBADMSG', `the shared memory ${name} is no ShareableList`);
  const length = buf.length >= WORD ? Number(buf.readBigInt64LE(0)) : -1;
  if (length < 0 || (length + 2) * WORD > buf.length) throw bad();
  const offsets = Array.from({ length: length + 1 }, (_, i) => Number(buf.readBigInt64LE((i + 1) * WORD)));
  const layout = layoutOf(offsets);
  const grows = offsets.every((offset, i) => (i === 0 ? offset === 0 : offset >= offsets[i - 1]! + WORD));
  if (!grows || layout.codes + length > buf.length) throw bad();
  return layout;
}

function writeLayout(buf: Buffer, layout: Layout): void {
  buf.writeBigInt64LE(BigInt(layout.length), 0);
  layout.offsets.forEach((offset, i) => void buf.writeBigInt64LE(BigInt(offset), (i + 1) * WORD));
}

/**
 * A list of a fixed length in shared memory, in the layout of CPython's `ShareableList`: each side reads what the other wrote. Items can
 * be replaced by ones of another type; a string or bytes must fit into the room that the first one had.
 *
 *     const list = new ShareableList([1, 2.5, 'three', null]);
 *     list[1] = true;
 *     // elsewhere: new ShareableList(undefined, { name: list.shm.name })
 *     list.shm.close();
 *     list.shm.unlink();
 *
 * @see Python's `multiprocessing.shared_memory.ShareableList`
 */
export class ShareableList implements Iterable<ShareableItem>, Disposable {
  [index: number]: ShareableItem;
  /** @internal The fields that survive a structured clone: such a clone is a handle. */
  readonly __prong: string;
  /** The memory it lies in. */
  declare readonly shm: SharedMemory;
  /** @internal */
  readonly name: string;
  readonly #layout: Layout;

  constructor(values?: Iterable<ShareableItem>, options?: ShareableListOptions);
  constructor(options: ShareableListOptions);
  constructor(
    first?: Iterable<ShareableItem> | ShareableListOptions | null,
    second: ShareableListOptions = {},
  ) {
    const isValues =
      first === undefined || first === null || typeof first !== 'object' || Symbol.iterator in first;
    const values = isValues ? (first ?? undefined) : undefined;
    const options = isValues ? second : (first as ShareableListOptions);
    if (values !== undefined && (typeof values !== 'object' || !(Symbol.iterator in values))) {
      throw invalidType('values', 'an iterable', values);
    }
    if (typeof options !== 'object' || options === null) throw invalidType('options', 'an object', options);
    this.__prong = KIND;
    const { name } = options;
    let memory: SharedMemory;
    if (name === undefined || values !== undefined) {
      const packed = [...((values as Iterable<ShareableItem>) ?? [])].map((v, i) =>
        packItem(v, `values[${i}]`),
      );
      const offsets = [0];
      for (const { format } of packed) offsets.push(offsets.at(-1)! + roomOf(format));
      this.#layout = layoutOf(offsets);
      const size = this.#layout.codes + packed.length;
      memory = new SharedMemory({ name, create: true, size });
      writeLayout(memory.buf, this.#layout);
      for (const [i, item] of packed.entries()) this.#store(memory.buf, i, item);
    } else {
      memory = new SharedMemory({ name });
      try {
        this.#layout = readLayout(memory);
      } catch (error) {
        memory.close();
        throw error;
      }
    }
    // Not a field that a clone takes along.
    Object.defineProperty(this, 'shm', { value: memory });
    this.name = memory.name;
  }

  /** How many items it has; fixed when it was made. */
  get length(): number {
    return this.#layout.length;
  }

  /** The items' formats, as Python's `struct` has them, one after another. */
  get format(): string {
    return Array.from({ length: this.length }, (_, i) => this.#format(i)).join('');
  }

  /** The item at `index`; a negative one counts from the end. `undefined` where there is none. */
  at(index: number): ShareableItem | undefined {
    const from = index < 0 ? this.length + index : index;
    if (!(from >= 0 && from < this.length)) return undefined;
    const { data, offsets, codes } = this.#layout;
    const buf = this.#open();
    const room = buf.subarray(data + offsets[from]!, data + offsets[from + 1]!);
    return unpackItem(this.#format(from), buf[codes + from]!, room);
  }

  /** @internal */
  put(index: number, value: unknown): void {
    checkInteger('index', index, 0, this.length - 1);
    const packed = packItem(value, `list[${index}]`);
    const { offsets } = this.#layout;
    const room = offsets[index + 1]! - offsets[index]!;
    if (packed.isText) {
      if (packed.bytes.length > room) throw outOfRange(`list[${index}]`, `at most ${room} bytes long`, value);
      const current = this.#format(index);
      packed.format = current.endsWith('s') ? current : `${room}s`;
    }
    this.#store(this.#open(), index, packed);
  }

  /** How many items equal `value`. */
  count(value: ShareableItem): number {
    let found = 0;
    for (const item of this) if (isSame(item, value)) found++;
    return found;
  }

  /** Where the first item that equals `value` is. Throws `ERR_INVALID_ARG_VALUE` where there is none, as Python's. */
  index(value: ShareableItem): number {
    let at = 0;
    for (const item of this) {
      if (isSame(item, value)) return at;
      at++;
    }
    throw Object.assign(new TypeError(`${inspect(value)} is not in the list`), {
      code: 'ERR_INVALID_ARG_VALUE',
    });
  }

  /** The items, each read when it is asked for. */
  *[Symbol.iterator](): IterableIterator<ShareableItem> {
    for (let i = 0; i < this.length; i++) yield this.at(i) as ShareableItem;
  }

  /** Closes `shm`; the name stays. */
  [Symbol.dispose](): void {
    this.shm.close();
  }

  /** @internal */
  [inspect.custom](): string {
    return `ShareableList(${inspect(this.shm.closed ? 'closed' : [...this])}, { name: ${inspect(this.name)} })`;
  }

  #open(): Buffer {
    if (this.shm.closed) throw new ProngError('ERR_CLOSED', 'the shared memory of this list is closed');
    return this.shm.buf;
  }

  #format(index: number): string {
    const start = this.#layout.formats + index * FORMAT;
    const format = this.#open()
      .toString('latin1', start, start + FORMAT)
      .replace(/\0+$/, '');
    if (!isFormat(format)) throw new ProngError('EBADMSG', `item ${index} of the list has no known format`);
    return format;
  }

  #store(buf: Buffer, index: number, { format, code, bytes }: Packed): void {
    const { data, offsets, formats, codes } = this.#layout;
    const start = data + offsets[index]!;
    buf.fill(0, start, data + offsets[index + 1]!);
    buf.set(bytes, start);
    buf.fill(0, formats + index * FORMAT, formats + (index + 1) * FORMAT);
    buf.write(format, formats + index * FORMAT, 'latin1');
    buf[codes + index] = code;
  }
}

function isSame(item: ShareableItem, value: unknown): boolean {
  if (item instanceof Uint8Array) return value instanceof Uint8Array && Buffer.compare(item, value) === 0;
  return (
    item === value ||
    (typeof item === 'bigint' && typeof value === 'number' && BigInt(Math.trunc(value)) === item)
  );
}

// What isn't a property of the instance or its class is looked for here: the items.
Object.setPrototypeOf(
  ShareableList.prototype,
  new Proxy(Object.prototype, {
    get(target, key, receiver) {
      return isIndex(key) ? (receiver as ShareableList).at(Number(key)) : Reflect.get(target, key, receiver);
    },
    set(target, key, value, receiver) {
      if (!isIndex(key)) return Reflect.set(target, key, value, receiver);
      (receiver as ShareableList).put(Number(key), value);
      return true;
    },
  }),
);

Object.defineProperty(ShareableList.prototype, handleKind, { value: KIND });
registerHandleType(KIND, {
  pack: (object) => ({ name: (object as ShareableList).name }),
  unpack: (handle) => new ShareableList(undefined, { name: handle.name as string }),
});
