/**
 * Handles: how a primitive travels to another thread or process. A structured clone of a primitive keeps its own plain
 * fields and loses its class; those fields are chosen so that the clone *is* the handle, and `reviveHandles` makes
 * primitives of all handles in a value again.
 */
import { invalidValue } from '../util/check.js';

/** Plain data that stands for a primitive: `__prong` names its kind. */
export interface Handle {
  __prong: string;
  [field: string]: unknown;
}

interface HandleType {
  pack(object: object): Record<string, unknown>;
  unpack(data: Handle): object;
}

const types = new Map<string, HandleType>();

/** Set on the prototype of each class whose instances travel: the name under which the type is registered. */
export const handleKind = Symbol.for('prong.handle');

/**
 * Lets instances of a class travel. The class has `static [handleKind]`-like information on its prototype:
 * `prototype[handleKind] = kind`.
 *
 * `pack` gives what has to travel, as structured-cloneable data; `unpack` makes an object for the same thing from it.
 */
export function registerHandleType(kind: string, type: HandleType): void {
  types.set(kind, type);
}

/** Whether `value` is an object that `toHandle` takes. */
export function isTravelling(value: unknown): value is object {
  return (
    typeof value === 'object' && value !== null && handleKind in value && types.has(String(value[handleKind]))
  );
}

/** Whether `value` is a handle: what `toHandle` made, or a clone of a primitive. */
export function isHandle(value: unknown): value is Handle {
  if (typeof value !== 'object' || value === null || handleKind in value) return false;
  const kind = (value as Partial<Handle>).__prong;
  return typeof kind === 'string' && types.has(kind);
}

/** The handle of a primitive. Throws `ERR_INVALID_ARG_VALUE` for anything else. */
export function toHandle(value: object): Handle {
  if (!isTravelling(value)) throw invalidValue('value', 'must be a primitive that can travel', value);
  const kind = String((value as { [handleKind]?: unknown })[handleKind]);
  return { ...(types.get(kind) as HandleType).pack(value), __prong: kind };
}

/** The object a handle stands for: the same underlying primitive. */
export function fromHandle(handle: Handle): object {
  const type = types.get(handle.__prong);
  if (type === undefined) throw invalidValue('handle', 'must be a handle of a known kind', handle);
  return type.unpack(handle);
}

type Swap = (value: object) => object | undefined;

function isPlain(value: object): boolean {
  const prototype = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype || Object.getPrototypeOf(prototype) === null;
}

/** Copies `value` as far as something in it is swapped; what holds nothing of the kind is kept as it is. */
function walk(value: unknown, swap: Swap, seen: Map<object, unknown>): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (seen.has(value)) return seen.get(value);
  const swapped = swap(value);
  if (swapped !== undefined) {
    seen.set(value, swapped);
    return swapped;
  }
  if (Array.isArray(value)) {
    const copy: unknown[] = [];
    seen.set(value, copy);
    copy.length = value.length;
    for (const key of Object.keys(value)) {
      copy[key as unknown as number] = walk(value[key as unknown as number], swap, seen);
    }
    return copy;
  }
  if (value instanceof Map) {
    const copy = new Map();
    seen.set(value, copy);
    for (const [key, entry] of value) copy.set(walk(key, swap, seen), walk(entry, swap, seen));
    return copy;
  }
  if (value instanceof Set) {
    const copy = new Set();
    seen.set(value, copy);
    for (const entry of value) copy.add(walk(entry, swap, seen));
    return copy;
  }
  if (!isPlain(value)) return value;
  const copy: Record<string, unknown> = {};
  seen.set(value, copy);
  for (const key of Object.keys(value)) copy[key] = walk((value as Record<string, unknown>)[key], swap, seen);
  return copy;
}

function contains(value: unknown, test: (value: object) => boolean, seen: Set<object>): boolean {
  if (typeof value !== 'object' || value === null || seen.has(value)) return false;
  seen.add(value);
  if (test(value)) return true;
  if (Array.isArray(value)) return value.some((entry) => contains(entry, test, seen));
  if (value instanceof Map) {
    for (const [key, entry] of value)
      if (contains(key, test, seen) || contains(entry, test, seen)) return true;
    return false;
  }
  if (value instanceof Set) {
    for (const entry of value) if (contains(entry, test, seen)) return true;
    return false;
  }
  return isPlain(value) && Object.values(value).some((entry) => contains(entry, test, seen));
}

/** Replaces every primitive in arrays, plain objects, maps and sets by its handle. The value itself where there is none. */
export function pack<T>(value: T): T {
  if (!contains(value, isTravelling, new Set())) return value;
  return walk(value, (object) => (isTravelling(object) ? toHandle(object) : undefined), new Map()) as T;
}

/** The reverse of `pack`: replaces every handle by its primitive. */
export function unpack<T>(value: T): T {
  if (!contains(value, isHandle, new Set())) return value;
  return walk(value, (object) => (isHandle(object) ? fromHandle(object) : undefined), new Map()) as T;
}

/**
 * Makes primitives of the clones that arrive in a `message` event, in `workerData` or from `structuredClone`, wherever in
 * the value they are.
 *
 *     parentPort.on('message', (message) => { const { lock } = reviveHandles(message); … });
 */
export function reviveHandles<T>(value: T): T {
  return unpack(value);
}
