/** Where a thread keeps its values of a `local()`: thread-specific data. */
import { ThreadLocal } from '../posix/thread-local.js';

export interface Storage {
  /** The same in every thread. */
  readonly id: string;
  get(): object | undefined;
  set(values: object): void;
}

function over(values: ThreadLocal<object>): Storage {
  return { id: values.key, get: () => values.get(), set: (data) => values.set(data) };
}

export const makeStorage = (): Storage => over(new ThreadLocal<object>());

/** The storage that has this id in another thread. */
export const storageFor = (id: string): Storage => over(ThreadLocal.fromHandle<object>({ key: id }));
