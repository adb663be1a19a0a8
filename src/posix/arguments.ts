/** Checks that many calls share. */
import { checkBoolean, checkInteger, invalidType } from '../util/check.js';

const INT_MAX = 2 ** 31 - 1;

/** A process or group; 0 means the calling one. */
export function checkPid(name: string, value: unknown, min = 0): asserts value is number {
  checkInteger(name, value, min, INT_MAX);
}

export function checkFd(name: string, value: unknown): asserts value is number {
  checkInteger(name, value, 0, INT_MAX);
}

export function checkObject<T extends object>(name: string, value: unknown): asserts value is T {
  if (typeof value !== 'object' || value === null) throw invalidType(name, 'an object', value);
}

/** Whether a descriptor survives an exec: only where that is asked for. */
export interface InheritOptions {
  inheritable?: boolean;
}

export function checkInheritable(options: InheritOptions | undefined): boolean {
  if (options === undefined) return false;
  checkObject<InheritOptions>('options', options);
  const { inheritable } = options;
  if (inheritable === undefined) return false;
  checkBoolean('options.inheritable', inheritable);
  return inheritable;
}
