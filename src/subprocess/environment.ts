/** The environment block of a new program. */
import { isMainThread } from 'node:worker_threads';
import { invalidType, invalidValue } from '../util/check.js';
import type { PopenOptions } from './types.js';

/** `undefined` where the process's own environment is meant. */
export function resolveEnvironment(env: PopenOptions['env']): Record<string, string> | undefined {
  if (env === undefined || env === null) {
    // A Worker's process.env is a copy that the C library doesn't know.
    return isMainThread ? undefined : ({ ...process.env } as Record<string, string>);
  }
  if (typeof env !== 'object') throw invalidType('options.env', 'an object', env);
  const resolved: Record<string, string> = {};
  // Inherited names too, as in child_process: Object.create(process.env) is a habit.
  for (const name in env) {
    const value = env[name];
    if (value === undefined) continue;
    if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'boolean') {
      throw invalidType(`options.env['${name}']`, 'of type string', value);
    }
    const text = String(value);
    if (name.includes('\0') || text.includes('\0')) {
      throw invalidValue(`options.env['${name}']`, 'must be a string without null bytes', `${name}=${text}`);
    }
    if (name === '' || name.includes('=')) {
      throw invalidValue('options.env', 'must have names that are not empty and have no =', name);
    }
    resolved[name] = text;
  }
  return resolved;
}

/** As the native side reads it. */
export function packEnvironment(env: Record<string, string>): string {
  let packed = '';
  for (const name of Object.keys(env)) packed += `${name}=${env[name]}\0`;
  return packed;
}
