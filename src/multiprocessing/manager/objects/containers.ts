/** The containers that live in a manager's process. Their proxies have the same methods, as promises. */
import { isDeepStrictEqual } from 'node:util';
import { elementType, type Scalar, type TypeCode, type TypeName } from '../../../sync/types.js';
import { checkInteger, outOfRange } from '../../../util/check.js';

function missing(key: unknown): RangeError {
  return Object.assign(new RangeError(`no such key: ${String(key)}`), { code: 'ERR_KEY' });
}

function entriesOf<K, V>(init: unknown): Iterable<[K, V]> {
  if (init === undefined || init === null) return [];
  if (typeof init === 'object' && Symbol.iterator in init) return init as Iterable<[K, V]>;
  return Object.entries(init as object) as unknown as [K, V][];
}

/** Python's `dict`: any keys, in the order in which they came. */
export class ManagedDict<K = unknown, V = unknown> {
  #map: Map<K, V>;

  constructor(init?: Iterable<[K, V]> | Record<string, V>) {
    this.#map = new Map(entriesOf<K, V>(init));
  }

  get(key: K, fallback?: V): V | undefined {
    return this.#map.has(key) ? this.#map.get(key) : fallback;
  }

  set(key: K, value: V): void {
    this.#map.set(key, value);
  }

  has(key: K): boolean {
    return this.#map.has(key);
  }

  delete(key: K): boolean {
    return this.#map.delete(key);
  }

  /** Takes a value out. Throws `ERR_KEY` where there is none and no fallback. */
  pop(...args: [key: K, fallback?: V]): V | undefined {
    const [key, fallback] = args;
    if (!this.#map.has(key)) {
      if (args.length > 1) return fallback;
      throw missing(key);
    }
    const value = this.#map.get(key);
    this.#map.delete(key);
    return value;
  }

  /** Takes the latest pair out. Throws `ERR_KEY` where there is none. */
  popitem(): [K, V] {
    const last = [...this.#map].pop();
    if (last === undefined) throw missing('the dict is empty');
    this.#map.delete(last[0]);
    return last;
  }

  setdefault(key: K, value: V): V {
    if (!this.#map.has(key)) this.#map.set(key, value);
    return this.#map.get(key) as V;
  }

  update(more: Iterable<[K, V]> | Record<string, V>): void {
    for (const [key, value] of entriesOf<K, V>(more)) this.#map.set(key, value);
  }

  clear(): void {
    this.#map.clear();
  }

  size(): number {
    return this.#map.size;
  }

  keys(): K[] {
    return [...this.#map.keys()];
  }

  values(): V[] {
    return [...this.#map.values()];
  }

  items(): [K, V][] {
    return [...this.#map];
  }

  entries(): [K, V][] {
    return [...this.#map];
  }

  copy(): Map<K, V> {
    return new Map(this.#map);
  }
}

/** Python's `list`. Negative indices count from the end. */
export class ManagedList<T = unknown> {
  #items: T[];

  constructor(init: Iterable<T> = []) {
    this.#items = [...init];
  }

  #index(index: number): number {
    checkInteger('index', index);
    const at = index < 0 ? this.#items.length + index : index;
    if (at < 0 || at >= this.#items.length)
      throw outOfRange('index', `within ${this.#items.length} items`, index);
    return at;
  }

  get(index: number): T {
    return this.#items[this.#index(index)] as T;
  }

  set(index: number, value: T): void {
    this.#items[this.#index(index)] = value;
  }

  at(index: number): T | undefined {
    return this.#items.at(index);
  }

  append(value: T): void {
    this.#items.push(value);
  }

  push(...values: T[]): number {
    return this.#items.push(...values);
  }

  extend(values: Iterable<T>): void {
    for (const value of values) this.#items.push(value);
  }

  insert(index: number, value: T): void {
    checkInteger('index', index);
    this.#items.splice(index, 0, value);
  }

  /** Takes out the last item, or the one at `index`. */
  pop(index = -1): T {
    return this.#items.splice(this.#index(index), 1)[0] as T;
  }

  /** Takes out the first that equals `value`. Throws `ERR_KEY` where there is none. */
  remove(value: T): void {
    this.#items.splice(this.index(value), 1);
  }

  index(value: T): number {
    const at = this.#items.findIndex((item) => isDeepStrictEqual(item, value));
    if (at < 0) throw missing(value);
    return at;
  }

  includes(value: T): boolean {
    return this.#items.some((item) => isDeepStrictEqual(item, value));
  }

  count(value: T): number {
    return this.#items.filter((item) => isDeepStrictEqual(item, value)).length;
  }

  reverse(): void {
    this.#items.reverse();
  }

  /** Numbers by size, everything else as `Array.prototype.sort`. */
  sort(): void {
    const numeric = this.#items.every((item) => typeof item === 'number' || typeof item === 'bigint');
    this.#items.sort(numeric ? (a, b) => (a < b ? -1 : a > b ? 1 : 0) : undefined);
  }

  slice(start?: number, end?: number): T[] {
    return this.#items.slice(start, end);
  }

  copy(): T[] {
    return [...this.#items];
  }

  clear(): void {
    this.#items.length = 0;
  }

  length(): number {
    return this.#items.length;
  }
}

/** Python's `Namespace`: names and values. */
export class ManagedNamespace {
  #values: Map<string, unknown>;

  constructor(init: Record<string, unknown> = {}) {
    this.#values = new Map(Object.entries(init));
  }

  get(name: string): unknown {
    return this.#values.get(name);
  }

  set(name: string, value: unknown): void {
    this.#values.set(name, value);
  }

  has(name: string): boolean {
    return this.#values.has(name);
  }

  delete(name: string): boolean {
    return this.#values.delete(name);
  }

  toObject(): Record<string, unknown> {
    return Object.fromEntries(this.#values);
  }
}

/** One value. With one of `Value`'s types it is checked as there. */
export class ManagedValue<T = unknown> {
  readonly #check: (value: unknown) => unknown;
  #value: T;

  constructor(type: TypeName | TypeCode | undefined, initial?: T) {
    const element = type === undefined ? undefined : elementType(type);
    this.#check = element === undefined ? (value) => value : (value) => element.check(value);
    this.#value = this.#check(initial ?? (element === undefined ? undefined : element.check(0))) as T;
  }

  get(): T {
    return this.#value;
  }

  set(value: T): void {
    this.#value = this.#check(value) as T;
  }

  /** Adds in one step, and returns the value before. */
  add(n: T): T {
    const before = this.#value;
    this.#value = this.#check((before as number) + (n as number)) as T;
    return before;
  }
}

/** Values of one type, of a fixed number. */
export class ManagedArray<T extends Scalar = number> {
  readonly #check: (value: unknown) => T;
  readonly #items: T[];

  constructor(type: TypeName | TypeCode, sizeOrValues: number | Iterable<T>) {
    const element = elementType(type);
    this.#check = (value) => element.check(value) as unknown as T;
    if (typeof sizeOrValues === 'number') {
      checkInteger('sizeOrValues', sizeOrValues, 0, 2 ** 32 - 1);
      this.#items = Array.from({ length: sizeOrValues }, () => this.#check(0));
    } else {
      this.#items = Array.from(sizeOrValues, this.#check);
    }
  }

  #index(index: number): number {
    checkInteger('index', index, -this.#items.length, this.#items.length - 1);
    return index < 0 ? index + this.#items.length : index;
  }

  get(index: number): T {
    return this.#items[this.#index(index)] as T;
  }

  set(index: number, value: T): void {
    this.#items[this.#index(index)] = this.#check(value);
  }

  slice(start?: number, end?: number): T[] {
    return this.#items.slice(start, end);
  }

  length(): number {
    return this.#items.length;
  }
}
