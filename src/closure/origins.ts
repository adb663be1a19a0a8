/** Knows functions that came from elsewhere, so that on the way back they are the ones they were. */
import { threadId } from 'node:worker_threads';
import type { Ref } from './types.js';

interface Origin {
  /** The capture it came in. */
  id: string;
  ref: Ref;
}

const origins = new WeakMap<object, Origin>();
let count = 0;

export const newId = (): string => `${process.pid}.${threadId}.${++count}`;

export function setOrigin(fn: object, id: string, ref: Ref): void {
  origins.set(fn, { id, ref });
}

export function originOf(fn: object): Origin | undefined {
  return origins.get(fn);
}
