/** Checks what a pool's methods are given. */
import { checkFunction, checkInteger, checkTimeout, invalidType } from '../../util/check.js';
import type { JobOptions } from './jobs/job.js';

/** What every task can be given. */
export interface TaskOptions {
  /** ms that the task may take from when it is begun; then its worker is killed, and `TimeoutError` is what came of it. */
  timeout?: number | undefined;
  /** Stops the task, with its worker if it runs; the signal's reason is what came of it. */
  signal?: AbortSignal | undefined;
  /** Higher goes first; 0 unless given. */
  priority?: number | undefined;
  /** How often it may be run again whose worker died; 0 unless given. */
  retries?: number | undefined;
}

/** What `apply` takes. */
export interface ApplyOptions extends TaskOptions {
  /** Handed to the function as its last argument. */
  kwargs?: Record<string, unknown> | undefined;
}

/** What the `…Async` methods call when they are done; in the async context they were called in. */
export interface CallbackOptions<T> {
  /** Called with the result. */
  callback?: ((value: T) => void) | undefined;
  /** Called with the error. */
  errorCallback?: ((error: unknown) => void) | undefined;
}

/** What the methods that take many items have in common. */
export interface ChunkOptions extends TaskOptions {
  /** How many items a worker is given at once. Unless given, as many as take a few milliseconds. */
  chunksize?: number | undefined;
}

/** What `map` and `starmap` take. */
export interface MapCallOptions extends ChunkOptions {
  /** Called as pieces are done: how many items, and of how many. */
  onProgress?: ((done: number, total: number) => void) | undefined;
}

/** What `imap` and `imapUnordered` take. */
export interface ImapOptions extends ChunkOptions {
  /** How many items may be on their way at once, results that nobody has taken yet included. */
  buffer?: number | undefined;
}

const MOST = 2 ** 31 - 1;

export function checkCallable(fn: unknown): void {
  checkFunction('fn', fn);
}

const NOTHING = {};

/** Options, or, as in Python, a number that is the chunk's size. */
export function optionsOf<T extends object>(options: T | number | undefined): T & { chunksize?: number } {
  if (options === undefined) return NOTHING as T;
  if (typeof options === 'number') return { chunksize: options } as T & { chunksize: number };
  if (typeof options !== 'object' || options === null)
    throw invalidType('options', 'of type object', options);
  return options;
}

const PLAIN: JobOptions = { timeout: Number.POSITIVE_INFINITY, signal: undefined, priority: 0, retries: 0 };

export function checkTask({ timeout, signal, priority = 0, retries = 0 }: TaskOptions): JobOptions {
  if (timeout === undefined && signal === undefined && priority === 0 && retries === 0) return PLAIN;
  const limit = checkTimeout(timeout);
  if (signal !== undefined && !(signal instanceof AbortSignal)) {
    throw invalidType('options.signal', 'an instance of AbortSignal', signal);
  }
  checkInteger('options.priority', priority, -MOST, MOST);
  checkInteger('options.retries', retries, 0, MOST);
  return { timeout: limit, signal, priority, retries };
}

export function checkArguments(args: unknown, { kwargs }: ApplyOptions): unknown[] {
  if (!Array.isArray(args)) throw invalidType('args', 'an array', args);
  if (kwargs === undefined) return [...args];
  if (typeof kwargs !== 'object' || kwargs === null)
    throw invalidType('options.kwargs', 'of type object', kwargs);
  return [...args, kwargs];
}

export function checkCount(name: string, value: unknown): number | undefined {
  if (value === undefined || value === null) return undefined;
  checkInteger(name, value, 1, MOST);
  return value as number;
}

export function checkCallbacks(options: object): void {
  const { callback, errorCallback } = options as CallbackOptions<never>;
  if (callback !== undefined) checkFunction('options.callback', callback);
  if (errorCallback !== undefined) checkFunction('options.errorCallback', errorCallback);
}

function isIterable(value: unknown): value is Iterable<unknown> {
  return (
    value !== undefined &&
    value !== null &&
    typeof (value as Iterable<unknown>)[Symbol.iterator] === 'function'
  );
}

export function checkIterable(value: unknown): asserts value is Iterable<unknown> {
  if (!isIterable(value)) throw invalidType('iterable', 'an iterable', value);
}

export function checkSource(value: unknown): asserts value is Iterable<unknown> | AsyncIterable<unknown> {
  if (isIterable(value)) return;
  if (typeof (value as AsyncIterable<unknown> | undefined | null)?.[Symbol.asyncIterator] === 'function')
    return;
  throw invalidType('iterable', 'an iterable or an async iterable', value);
}
