import { inspect } from 'node:util';
import { invalidType } from '../util/check.js';
import { core, type Memory } from './core.js';
import { fromHandle, type Handle, handleKind, isTravelling, registerHandleType, toHandle } from './handle.js';
import type { Lock } from './lock.js';
import { RLock } from './rlock.js';
import { gone, knownAt, SharedObject } from './shared-object.js';
import {
  type ElementType,
  elementType,
  type Scalar,
  type TypeCode,
  type TypeName,
  type View,
  type Widen,
} from './types.js';

export type AnyLock = Lock | RLock;

export interface ValueOptions {
  /** `true` (default): a lock of its own, for `getLock()`. `false`: none. A lock: that one. */
  lock?: boolean | AnyLock | undefined;
}

/** @internal Memory that has been found by its handle. */
export class AdoptedMemory {
  constructor(
    readonly memory: Memory,
    readonly data: Handle,
  ) {}
}

/** @internal The lock that goes with a value, or the one it had where it came from. */
export function lockOf(option: unknown, adopted?: AdoptedMemory): AnyLock | undefined {
  if (adopted !== undefined) {
    const { lock } = adopted.data;
    if (lock === undefined) return undefined;
    return (isTravelling(lock) ? lock : fromHandle(lock as Handle)) as AnyLock;
  }
  if (option === true) return new RLock();
  if (option === false) return undefined;
  if (typeof option === 'object' && option !== null && 'acquireSync' in option) return option as AnyLock;
  throw invalidType('options.lock', 'a boolean or a lock', option);
}

/**
 * One number in shared memory: Python's `multiprocessing.RawValue`. Reading and writing are single atomic accesses, and so are
 * `add` and `compareExchange`.
 */
export class RawValue<T extends Scalar = number> extends SharedObject {
  readonly type: TypeName;
  readonly #type: ElementType;
  readonly #view: View;

  /**
   * @param type `'int8'` … `'float64'`, `'bool'`, or Python's letter (`'i'`, `'d'`, …).
   * @param initial Default: 0.
   */
  constructor(type: TypeName | TypeCode | AdoptedMemory, initial?: T, kind = 'RawValue') {
    const adopted = type instanceof AdoptedMemory ? type : undefined;
    const element = elementType(adopted ? adopted.data.type : type);
    const start = initial === undefined ? undefined : element.check(initial);
    const memory = adopted?.memory ?? core.allocate(8);
    super(memory, kind, adopted === undefined);
    this.type = element.name;
    this.#type = element;
    this.#view = element.view(memory.buffer, memory.byteOffset, 1);
    if (adopted === undefined && start !== undefined) element.set(this.#view, 0, start);
  }

  /** The value now: a number, `bigint` or boolean, by its type. */
  get value(): Widen<T> {
    return this.#type.get(this.#view, 0) as Widen<T>;
  }

  /** Throws `TypeError` or `RangeError` for what the type can't hold. `value++` is two steps: see `add`. */
  set value(value: Widen<T>) {
    this.#type.set(this.#view, 0, this.#type.check(value));
  }

  /** Adds atomically, across threads and processes, and returns the value before, as `Atomics.add`. Integers wrap around. */
  add(n: Widen<T>): Widen<T> {
    return this.#type.add(this.#view, 0, this.#type.check(n)) as Widen<T>;
  }

  /** Stores `to` if the value is `from`, atomically. Returns the value that was found: `from` where it was stored. */
  compareExchange(from: Widen<T>, to: Widen<T>): Widen<T> {
    const type = this.#type;
    return type.exchange(this.#view, 0, type.check(from), type.check(to)) as Widen<T>;
  }

  /** @internal */
  protected override describe(): string {
    return `type: '${this.type}', value: ${inspect(this.value)}`;
  }
}

/** As `RawValue`, with a lock to hold for longer than one access: Python's `multiprocessing.Value`. */
export class Value<T extends Scalar = number> extends RawValue<T> {
  readonly lock: AnyLock | undefined;

  constructor(type: TypeName | TypeCode | AdoptedMemory, initial?: T, options: ValueOptions = {}) {
    const lock = lockOf(options.lock ?? true, type instanceof AdoptedMemory ? type : undefined);
    super(type, initial, 'Value');
    this.lock = lock;
  }

  /** The lock that goes with it. Throws `TypeError` where it was made with `{ lock: false }`. */
  getLock(): AnyLock {
    return lockOrThrow(this.lock);
  }
}

/** @internal */
export function lockOrThrow(lock: AnyLock | undefined): AnyLock {
  if (lock !== undefined) return lock;
  throw Object.assign(new TypeError('this was made without a lock: { lock: false }'), {
    code: 'ERR_NO_LOCK',
  });
}

/** @internal Lets a class over shared memory travel; `bytes` says how much of it an instance needs. */
export function memoryTravels(
  type: { prototype: object },
  name: string,
  bytes: (data: Handle) => number,
  adopt: (adopted: AdoptedMemory) => object,
): void {
  Object.defineProperty(type.prototype, handleKind, { value: name });
  registerHandleType(name, {
    pack(object) {
      const fields = { ...(object as Record<string, unknown>) };
      if (isTravelling(fields.lock)) fields.lock = toHandle(fields.lock);
      return fields;
    },
    unpack(data) {
      const ref = data.ref as Memory['ref'];
      const object = knownAt(ref);
      if (object !== undefined) return object;
      const memory = core.findMemory(ref, bytes(data));
      if (memory === undefined) throw gone(name);
      return adopt(new AdoptedMemory(memory, data));
    },
  });
}

memoryTravels(
  RawValue,
  'RawValue',
  () => 8,
  (adopted) => new RawValue(adopted),
);
memoryTravels(
  Value,
  'Value',
  () => 8,
  (adopted) => new Value(adopted),
);
