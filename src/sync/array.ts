import { inspect } from 'node:util';
import { checkInteger, invalidType, outOfRange } from '../util/check.js';
import { core } from './core.js';
import type { Handle } from './handle.js';
import { SharedObject } from './shared-object.js';
import {
  type ElementType,
  elementType,
  type Scalar,
  type TypeCode,
  type TypeName,
  type View,
  type ViewOf,
  type Widen,
} from './types.js';
import {
  AdoptedMemory,
  type AnyLock,
  lockOf,
  lockOrThrow,
  memoryTravels,
  type ValueOptions,
} from './value.js';

// Whoever has only the view keeps the memory by it.
const owners = new WeakMap<View, object>();

function isIndex(key: string | symbol): key is string {
  return typeof key === 'string' && /^(?:0|[1-9]\d*)$/.test(key);
}

/**
 * Numbers in shared memory: Python's `multiprocessing.RawArray`. Elements are read and written as `array[i]`; `view` is the
 * typed array behind it, for speed.
 */
export class RawArray<T extends Scalar = number> extends SharedObject implements Iterable<Widen<T>> {
  [index: number]: Widen<T>;
  readonly type: TypeName;
  readonly length: number;
  readonly #type: ElementType;
  readonly #view: View;

  /**
   * @param type `'int8'` … `'float64'`, `'bool'`, or Python's letter (`'i'`, `'d'`, …).
   * @param sizeOrValues How many elements, or what they are.
   */
  constructor(
    type: TypeName | TypeCode | AdoptedMemory,
    sizeOrValues?: number | Iterable<T>,
    kind = 'RawArray',
  ) {
    const adopted = type instanceof AdoptedMemory ? type : undefined;
    const element = elementType(adopted ? adopted.data.type : type);
    const values = adopted ? undefined : valuesOf(sizeOrValues, element);
    const length = adopted ? (adopted.data.length as number) : (values?.length ?? (sizeOrValues as number));
    const memory = adopted?.memory ?? core.allocate(Math.max(8, length * element.bytes));
    super(memory, kind, adopted === undefined);
    this.type = element.name;
    this.length = length;
    this.#type = element;
    this.#view = element.view(memory.buffer, memory.byteOffset, length);
    values?.forEach((value, index) => {
      element.set(this.#view, index, value);
    });
  }

  /** The typed array over the shared memory. Its accesses aren't atomic where `Atomics` doesn't make them so. */
  get view(): ViewOf<T> {
    owners.set(this.#view, this);
    return this.#view as ViewOf<T>;
  }

  /** The element at `index`; a negative one counts from the end. `undefined` where there is none. */
  at(index: number): Widen<T> | undefined {
    const from = index < 0 ? this.length + index : index;
    return from >= 0 && from < this.length ? (this.#type.get(this.#view, from) as Widen<T>) : undefined;
  }

  /** @internal */
  put(index: number, value: unknown): void {
    if (index >= this.length) throw outOfRange('index', `>= 0 and < ${this.length}`, index);
    this.#type.set(this.#view, index, this.#type.check(value));
  }

  /** Adds to an element atomically and returns the value before. */
  add(index: number, n: Widen<T>): Widen<T> {
    checkInteger('index', index, 0, this.length - 1);
    return this.#type.add(this.#view, index, this.#type.check(n)) as Widen<T>;
  }

  /** Stores `to` where the element is `from`, atomically. Returns the value that was found. */
  compareExchange(index: number, from: Widen<T>, to: Widen<T>): Widen<T> {
    checkInteger('index', index, 0, this.length - 1);
    const type = this.#type;
    return type.exchange(this.#view, index, type.check(from), type.check(to)) as Widen<T>;
  }

  /** A copy of some elements in an ordinary array, as `Array.prototype.slice`. */
  slice(start?: number, end?: number): Widen<T>[] {
    return [...this].slice(start, end);
  }

  /** The elements, each read when it is asked for. */
  *[Symbol.iterator](): IterableIterator<Widen<T>> {
    for (let index = 0; index < this.length; index++) yield this.#type.get(this.#view, index) as Widen<T>;
  }

  /** @internal */
  protected override describe(): string {
    return `type: '${this.type}', ${inspect([...this])}`;
  }
}

function valuesOf(sizeOrValues: unknown, element: ElementType): (number | bigint)[] | undefined {
  if (typeof sizeOrValues === 'number') {
    checkInteger('sizeOrValues', sizeOrValues, 0, 2 ** 32);
    return undefined;
  }
  if (typeof sizeOrValues !== 'object' || sizeOrValues === null || !(Symbol.iterator in sizeOrValues)) {
    throw invalidType('sizeOrValues', 'a number of elements or an iterable of values', sizeOrValues);
  }
  return Array.from(sizeOrValues as Iterable<unknown>, (value) => element.check(value));
}

// What isn't a property of the instance or its classes is looked for here: the elements. The instance itself stays an
// ordinary, fast object.
Object.setPrototypeOf(
  RawArray.prototype,
  new Proxy(SharedObject.prototype, {
    get(target, key, receiver) {
      return isIndex(key) ? (receiver as RawArray).at(Number(key)) : Reflect.get(target, key, receiver);
    },
    set(target, key, value, receiver) {
      if (!isIndex(key)) return Reflect.set(target, key, value, receiver);
      (receiver as RawArray).put(Number(key), value);
      return true;
    },
  }),
);

/** As `RawArray`, with a lock to hold for longer than one access: Python's `multiprocessing.Array`. */
export class SharedArray<T extends Scalar = number> extends RawArray<T> {
  readonly lock: AnyLock | undefined;

  constructor(
    type: TypeName | TypeCode | AdoptedMemory,
    sizeOrValues?: number | Iterable<T>,
    options: ValueOptions = {},
  ) {
    const lock = lockOf(options.lock ?? true, type instanceof AdoptedMemory ? type : undefined);
    super(type, sizeOrValues, 'Array');
    this.lock = lock;
  }

  /** The lock that goes with it. Throws `TypeError` where it was made with `{ lock: false }`. */
  getLock(): AnyLock {
    return lockOrThrow(this.lock);
  }
}
Object.defineProperty(SharedArray, 'name', { value: 'Array' });

const bytesOf = (data: Handle) => Math.max(8, (data.length as number) * elementType(data.type).bytes);
memoryTravels(RawArray, 'RawArray', bytesOf, (adopted) => new RawArray(adopted));
memoryTravels(SharedArray, 'Array', bytesOf, (adopted) => new SharedArray(adopted));
