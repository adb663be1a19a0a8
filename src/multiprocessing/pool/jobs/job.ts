/** What a pool was asked for in one call: a task, a map, an endless row of tasks. */
import { TimeoutError } from '../../../errors.js';
import { type Entry, entryOf } from '../crew/registry.js';
import type { AnyFunction } from '../worker/serve.js';

/** What a worker is sent and answers as one: a call, or a piece of a map. */
export interface Unit {
  readonly job: Job;
  /** Its first item's place in the job. */
  readonly index: number;
  readonly items: readonly unknown[];
  /** Where the items lie, if the worker is to find them itself: `items` is empty then. */
  readonly range?: Range | undefined;
  /** How often it was begun by workers that died. */
  deaths: number;
}

/** A part of a list that workers inherit. */
export interface Range {
  readonly data: Entry;
  readonly owner: readonly unknown[];
  readonly start: number;
  readonly end: number;
}

export interface JobOptions {
  /** ms from when it is begun; the workers that run it then are killed. `Infinity`: none. */
  timeout: number;
  signal: AbortSignal | undefined;
  /** Higher goes first. */
  priority: number;
  /** How often a unit may be run again whose worker died. */
  retries: number;
}

export abstract class Job {
  readonly fn: AnyFunction;
  readonly entry: Entry;
  readonly options: JobOptions;
  /** Whether each item is a list of arguments. */
  abstract readonly spread: boolean;
  /** Whether items of other jobs may go along in one message: each is answered by itself. */
  abstract readonly single: boolean;
  settled = false;
  begun = false;
  /** Whether it is in the pool's queue. */
  queued = false;
  /** Ends what waits for its limits. */
  release: (() => void) | undefined;
  /** Units that were given back: not begun by workers that died. They go first. */
  protected returned: Unit[] | undefined;

  constructor(fn: AnyFunction, options: JobOptions) {
    this.fn = fn;
    this.entry = entryOf(fn);
    this.options = options;
  }

  /** Whether it may have to be stopped while it runs: its workers run nothing else then. */
  get limited(): boolean {
    return this.options.timeout !== Number.POSITIVE_INFINITY || this.options.signal !== undefined;
  }

  /** How many items are left to be sent, as far as it is known. */
  abstract get left(): number;
  /** The next ones to be sent, `count` at most; `undefined`: none, for now or for ever. */
  take(count: number): Unit | undefined {
    if (this.settled) return undefined;
    return this.returned?.shift() ?? this.next(count);
  }

  protected abstract next(count: number): Unit | undefined;

  giveBack(unit: Unit): void {
    this.returned ??= [];
    this.returned.unshift(unit);
  }

  /** What a worker must have inherited for the next unit, beside the function. */
  abstract get data(): Entry | undefined;

  /** The same unit, for workers that find its items where they lie. */
  abstract inherited(unit: Unit): Unit;

  /** As many items as are wanted in one unit, whatever they take; `undefined`: as it is best. */
  get chunksize(): number | undefined {
    return undefined;
  }

  /** Takes in what became of a unit. */
  abstract done(unit: Unit, values: unknown[]): void;
  abstract failed(unit: Unit, error: unknown, values: unknown[]): void;
  /** What it ended with, if it failed. */
  error: { error: unknown } | undefined;
  /** The error for its time limit. */
  tooLate(): TimeoutError {
    const { fn, options } = this;
    return new TimeoutError(
      `${fn.name || 'an anonymous function'} was not done within ${options.timeout} ms`,
    );
  }

  /** Ends it with an error. */
  abstract abandon(error: unknown): void;
}
