/** The types of objects that a manager makes. */
import { checkFunction, checkString, invalidType, invalidValue } from '../../util/check.js';
import {
  ManagedArray,
  ManagedDict,
  ManagedList,
  ManagedNamespace,
  ManagedValue,
} from './objects/containers.js';
import {
  ManagedBarrier,
  ManagedBoundedSemaphore,
  ManagedCondition,
  ManagedEvent,
  ManagedLock,
  ManagedRLock,
  ManagedSemaphore,
} from './objects/locks.js';
import { ManagedJoinableQueue, ManagedQueue } from './objects/queues.js';

// biome-ignore lint/suspicious/noExplicitAny: whatever its constructor takes
export type AnyClass<T extends object = object> = new (...args: any[]) => T;
// biome-ignore lint/suspicious/noExplicitAny: whatever it takes
export type AnyFactory<T extends object = object> = (...args: any[]) => T;

export interface RegisteredType {
  make: (...args: unknown[]) => object;
  /** `undefined`: all methods whose name doesn't start with an underscore. */
  exposed: string[] | undefined;
}

export type Registry = Map<string, RegisteredType>;

export interface RegisterOptions {
  /** The methods that others may call: all whose name doesn't start with an underscore, unless given. */
  exposed?: readonly string[] | undefined;
}

export function isClass(value: unknown): boolean {
  return typeof value === 'function' && /^class\b/.test(Function.prototype.toString.call(value));
}

function makerOf(type: AnyClass | AnyFactory): RegisteredType['make'] {
  if (isClass(type)) return (...args) => new (type as AnyClass)(...args);
  return (...args) => {
    const made: unknown = (type as AnyFactory)(...args);
    if (typeof made !== 'object' || made === null) throw invalidType('the made object', 'an object', made);
    return made;
  };
}

export function registerIn(
  registry: Registry,
  name: unknown,
  type: unknown,
  options: RegisterOptions = {},
): void {
  checkString('name', name);
  if (name === '') throw invalidValue('name', 'must not be empty', name);
  checkFunction('type', type);
  if (typeof options !== 'object' || options === null) throw invalidType('options', 'an object', options);
  const { exposed } = options;
  if (exposed !== undefined && !Array.isArray(exposed))
    throw invalidType('options.exposed', 'an array', exposed);
  for (const [i, method] of (exposed ?? []).entries()) checkString(`options.exposed[${i}]`, method);
  registry.set(name, {
    make: makerOf(type as unknown as AnyClass),
    exposed: exposed === undefined ? undefined : [...exposed],
  });
}

/** The names of the methods of an object that others may call. */
export function exposedBy(object: object, { exposed }: RegisteredType): string[] {
  if (exposed !== undefined) return exposed;
  const names = new Set<string>();
  for (let at = object; at !== null && at !== Object.prototype; at = Object.getPrototypeOf(at) as object) {
    for (const [name, { value }] of Object.entries(Object.getOwnPropertyDescriptors(at))) {
      if (typeof value === 'function' && name !== 'constructor' && !name.startsWith('_')) names.add(name);
    }
  }
  return [...names];
}

export const standardTypes: Record<string, AnyClass> = {
  dict: ManagedDict,
  list: ManagedList,
  Namespace: ManagedNamespace,
  Value: ManagedValue,
  Array: ManagedArray as AnyClass,
  Lock: ManagedLock,
  RLock: ManagedRLock,
  Semaphore: ManagedSemaphore,
  BoundedSemaphore: ManagedBoundedSemaphore,
  Condition: ManagedCondition,
  Event: ManagedEvent,
  Barrier: ManagedBarrier,
  Queue: ManagedQueue,
  JoinableQueue: ManagedJoinableQueue,
};
