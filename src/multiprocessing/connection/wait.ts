/** Waiting for the first of several. */
import { isMainThread } from 'node:worker_threads';
import { close, dup } from '../../posix/descriptors.js';
import { invalidType } from '../../util/check.js';
import { type Connection, linkOf } from './connection.js';
import { native } from './native.js';
import { timeoutOf, type WaitOptions } from './options.js';
import { READ, Watch } from './watch.js';

/** A connection, something else with a descriptor, a descriptor (a process' `sentinel`), or a process. */
export type Waitable = Connection | { fileno(): number } | { readonly sentinel: number } | number;

const SLICE = 100;

function fdOf(object: unknown, index: number): number {
  if (typeof object === 'number' && Number.isInteger(object) && object >= 0) return object;
  if (typeof object === 'object' && object !== null) {
    const { fileno, sentinel } = object as { fileno?: unknown; sentinel?: unknown };
    if (typeof fileno === 'function') return fileno.call(object) as number;
    if (typeof sentinel === 'number') return sentinel;
  }
  throw invalidType(`objects[${index}]`, 'a Connection, a Process or a descriptor', object);
}

function check(objects: Iterable<unknown>): { list: unknown[]; fds: number[] } {
  if (typeof objects !== 'object' || objects === null || !(Symbol.iterator in objects)) {
    throw invalidType('objects', 'an iterable', objects);
  }
  const list = [...objects];
  return { list, fds: list.map(fdOf) };
}

/**
 * Waits until at least one of `objects` is ready and returns those that are: connections with something to receive (the end
 * included), processes that have ended, descriptors that are readable. Empty when the time runs out first.
 *
 * @throws `EBADF` for a descriptor that isn't open, `ERR_CLOSED` for a closed connection
 * @see Python's `multiprocessing.connection.wait`
 */
export async function connectionWait<T extends Waitable>(
  objects: Iterable<T>,
  options?: WaitOptions,
): Promise<T[]> {
  const { list, fds } = check(objects);
  const ms = timeoutOf(options);
  const ready = (): T[] =>
    native('connectionWait()')
      .waitFor(fds, false, 0)
      .map((place) => list[place] as T);
  const now = ready();
  if (now.length > 0 || ms === 0) return now;
  const undo: (() => void)[] = [];
  let timer: NodeJS.Timeout | undefined;
  try {
    await new Promise<void>((resolve, reject) => {
      if (ms < 2 ** 31) timer = setTimeout(resolve, ms);
      list.forEach((object, index) => {
        const link = linkOf(object as object);
        if (link !== undefined) {
          const wait = link.subscribe(Number.POSITIVE_INFINITY);
          wait.promise.then(() => resolve(), reject);
          undo.push(() => link.unsubscribe(wait));
          return;
        }
        // A copy: the number may be watched already, or closed by whoever it belongs to.
        const copy = dup(fds[index]!);
        const watch = new Watch(copy, { onReady: () => resolve() });
        watch.want(READ);
        undo.push(() => {
          watch.close();
          close(copy);
        });
      });
    });
  } finally {
    clearTimeout(timer);
    for (const step of undo) step();
  }
  return ready();
}

/** As `connectionWait`, blocking this thread. */
export function connectionWaitSync<T extends Waitable>(objects: Iterable<T>, options?: WaitOptions): T[] {
  const { list, fds } = check(objects);
  const ms = timeoutOf(options);
  const deadline = performance.now() + ms;
  const blocks = isMainThread && ms === Number.POSITIVE_INFINITY && fds.length > 0;
  for (;;) {
    const left = Math.max(0, Math.min(SLICE, Math.ceil(deadline - performance.now())));
    const places = native('connectionWait()').waitFor(fds, false, blocks ? -1 : left);
    if (places.length > 0) return places.map((place) => list[place] as T);
    if (performance.now() >= deadline) return [];
  }
}
