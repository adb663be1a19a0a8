/** What a queue stands on: a native one in shared memory, or the fallback between the threads of one process. */
import { fallbackQueues } from '../../fallback/queue/engine.js';
import type { PlaceRef } from '../../sync/core.js';
import type { Ending } from '../../sync/waits.js';
import { nativeQueues } from './native-engine.js';

/** The results of one attempt: those of `sync/core.ts`, and `shutDown`. The same numbers as in `core/ipc/queue.h`. */
export const Outcome = {
  again: 0,
  done: 1,
  timedOut: 2,
  noMemory: 7,
  tooMany: 9,
  shutDown: 11,
} as const;

/** What is waited for: an item, room for one, the end of all tasks. */
export const Side = { items: 0, room: 1, tasks: 2 } as const;

export interface QueueEngine {
  readonly ref: PlaceRef;
  readonly maxsize: number;
  /**
   * An `Outcome`. Blocks for `ms` at most; `again`: not even that long, call it again with what is left. Throws where the value
   * can't be encoded, and then changes nothing.
   */
  put(value: unknown, ms: number): number;
  /** The value, and the outcome in `outcome[0]`. */
  get(ms: number): unknown;
  join(ms: number): number;
  /** Resolves when looking again is worth it, or after `ms`. */
  wait(side: number, ms: number, ending: Ending): Promise<unknown>;
  size(): number;
  unfinished(): number;
  taskDone(): number;
  shutDown(immediate: boolean): void;
  /** Gives memory back that was kept to be used again. */
  trim(): void;
}

export interface QueueEngines {
  /** The outcome of this thread's last `get`. */
  readonly outcome: Uint32Array;
  create(maxsize: number): QueueEngine;
  /** The queue that a handle refers to; `undefined` where it isn't there any more. */
  find(ref: PlaceRef): QueueEngine | undefined;
  dispose(ref: PlaceRef): void;
}

export const engines: QueueEngines = nativeQueues() ?? fallbackQueues();
