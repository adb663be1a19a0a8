/** Waits for descriptors on the event loop. */
import { registerInternalAtFork } from '../../posix/at-fork.js';
import { onFreshProcess } from '../../util/fresh-process.js';
import { native } from './native.js';

export const READ = 1;
export const WRITE = 2;

export interface Watcher {
  /** `ready`: READ, WRITE or both. */
  onReady(ready: number): void;
  /** In the child of a fork, before it is waited for anew. */
  onFork?(): void;
  /** In a Process's child: nothing of what was waited for is to go on. */
  onFresh?(): void;
}

/** Those that wait now: they hold the loop, and must not be collected. */
const waiting = new Map<number, Watch>();
let started = false;

function deliver(reports: number[]): void {
  for (let i = 0; i < reports.length; i += 2) {
    const watch = waiting.get(reports[i]!);
    if (watch === undefined) continue;
    try {
      watch.watcher.onReady(reports[i + 1]!);
    } catch (error) {
      // One listener's exception must not keep the others from hearing.
      process.nextTick(() => {
        throw error;
      });
    }
  }
}

function start(): void {
  if (started) return;
  started = true;
  native().onReady(deliver);
  registerInternalAtFork({
    afterInChild() {
      native().afterFork();
      for (const watch of [...waiting.values()]) watch.afterFork();
    },
  });
  onFreshProcess(() => {
    for (const watch of [...waiting.values()]) {
      watch.watcher.onFresh?.();
      watch.want(0);
    }
  });
}

export class Watch {
  readonly id: number;
  #wanted = 0;

  /** Close it before the descriptor. */
  constructor(
    fd: number,
    readonly watcher: Watcher,
  ) {
    start();
    this.id = native().watch(fd);
  }

  /** Waits for READ, WRITE, both or (0) nothing from now on. What can't be waited for, as a file, is ready. */
  want(wanted: number): void {
    if (wanted === this.#wanted) return;
    this.#wanted = wanted;
    if (wanted === 0) waiting.delete(this.id);
    else waiting.set(this.id, this);
    if (native().want(this.id, wanted) < 0) {
      setImmediate(() => {
        if (this.#wanted !== 0) this.watcher.onReady(this.#wanted);
      });
    }
  }

  afterFork(): void {
    const wanted = this.#wanted;
    this.watcher.onFork?.();
    if (wanted !== 0 && this.#wanted === wanted) native().want(this.id, wanted);
  }

  close(): void {
    this.#wanted = 0;
    waiting.delete(this.id);
    native().unwatch(this.id);
  }
}
