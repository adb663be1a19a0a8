/** Where a thread keeps its values of a `local()`. */
import { threadId } from 'node:worker_threads';

export interface Storage {
  /** The same in every thread. */
  readonly id: string;
  get(): object | undefined;
  set(values: object): void;
  /** What another thread needs to find the same key. */
  pack(): unknown;
}

let count = 0;

/** Every thread has its own instance of this module: a map in it is a map of this thread's. */
const values = new Map<string, object>();

export function makeStorage(): Storage {
  return storageFor(`${process.pid}.${threadId}.${++count}`, undefined);
}

export function storageFor(id: string, _key: unknown): Storage {
  return {
    id,
    get: () => values.get(id),
    set: (data) => void values.set(id, data),
    pack: () => undefined,
  };
}
