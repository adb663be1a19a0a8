import { Pool } from '../multiprocessing/pool/pool.js';
import { ThreadPool } from '../multiprocessing/pool/thread-pool.js';
import type { Context } from '../multiprocessing/process/context.js';
import type { StartMethod } from '../multiprocessing/process/popen.js';
import { invalidType } from '../util/check.js';
import { BrokenProcessPool, BrokenThreadPool } from './errors.js';
import { Executor, threadsByDefault } from './executor.js';

/** What both executors take. */
export interface ExecutorOptions {
  maxWorkers?: number | undefined;
  /** Every worker calls it first. If it throws in one, the executor is broken. */
  // biome-ignore lint/suspicious/noExplicitAny: whatever it takes
  initializer?: ((...args: any[]) => unknown) | undefined;
  initargs?: readonly unknown[] | undefined;
}

/** What `ProcessPoolExecutor` takes. */
export interface ProcessPoolExecutorOptions extends ExecutorOptions {
  /** A start method, or what `getContext` gave; `getStartMethod()` unless given. */
  mpContext?: Context | StartMethod | undefined;
  /** After so many calls a worker is replaced. */
  maxTasksPerChild?: number | undefined;
}

/** What `ThreadPoolExecutor` takes. */
export interface ThreadPoolExecutorOptions extends ExecutorOptions {
  /** Threads are called so, with a number behind it; `ThreadPoolExecutor` unless given. */
  threadNamePrefix?: string | undefined;
}

function read<T extends ExecutorOptions>(first: number | T | undefined, second: T | undefined): T {
  const options = typeof first === 'object' && first !== null ? first : second;
  if (options !== undefined && (typeof options !== 'object' || options === null)) {
    throw invalidType('options', 'of type object', options);
  }
  const given = { ...options } as T;
  if (typeof first !== 'object' && first !== undefined) given.maxWorkers = first;
  return given;
}

/**
 * An executor of processes: `Pool`, with futures. Functions are any functions; see `Pool` for what a task sees of its closure. A
 * worker that dies fails the call that it had begun with `WorkerDiedError` and is replaced, where CPython gives up all.
 *
 * @see Python's `concurrent.futures.ProcessPoolExecutor`
 */
export class ProcessPoolExecutor extends Executor {
  constructor(maxWorkers?: number | ProcessPoolExecutorOptions, options?: ProcessPoolExecutorOptions) {
    const given = read(maxWorkers, options);
    const { initializer, initargs, maxTasksPerChild, mpContext } = given;
    super(
      new Pool(given.maxWorkers, {
        initializer,
        initargs,
        maxtasksperchild: maxTasksPerChild,
        context: mpContext,
      }),
      BrokenProcessPool,
    );
  }
}

/**
 * An executor of worker threads: `ThreadPool`, with futures.
 *
 * @see Python's `concurrent.futures.ThreadPoolExecutor`
 */
export class ThreadPoolExecutor extends Executor {
  constructor(maxWorkers?: number | ThreadPoolExecutorOptions, options?: ThreadPoolExecutorOptions) {
    const given = read(maxWorkers, options);
    const { initializer, initargs, threadNamePrefix = 'ThreadPoolExecutor' } = given;
    super(
      new ThreadPool(given.maxWorkers ?? threadsByDefault(), {
        initializer,
        initargs,
        name: threadNamePrefix,
      }),
      BrokenThreadPool,
    );
  }
}
