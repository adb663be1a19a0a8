import { inspect } from 'node:util';
import '../../sync/dispose.js';
import { checkFunction, checkInteger, checkString, invalidType } from '../../util/check.js';
import type { Context } from '../process/context.js';
import { cpuCount } from '../process/current.js';
import type { StartMethod } from '../process/popen.js';
import { AsyncResult, callBack, type RunUntil } from './async-result.js';
import { Crew } from './crew/crew.js';
import type { Kind } from './crew/roster.js';
import { PoolError } from './errors.js';
import { ImapIterator } from './imap-iterator.js';
import { CallJob } from './jobs/call-job.js';
import { type Called, callSite } from './jobs/call-site.js';
import type { Job } from './jobs/job.js';
import { MapJob } from './jobs/map-job.js';
import type { Outcome } from './jobs/outcome.js';
import { StreamJob } from './jobs/stream-job.js';
import { kindOf } from './kinds.js';
import {
  type ApplyOptions,
  type CallbackOptions,
  checkArguments,
  checkCallable,
  checkCallbacks,
  checkCount,
  checkIterable,
  checkSource,
  checkTask,
  type ImapOptions,
  type MapCallOptions,
  optionsOf,
} from './options.js';
import { Unasked } from './unasked.js';
import type { AnyFunction } from './worker/serve.js';

// biome-ignore lint/suspicious/noExplicitAny: any function at all
type Task<A extends any[], R> = (...args: A) => R | PromiseLike<R>;

/** What a pool is made with; all of it can be left out. */
export interface PoolOptions {
  /** How many workers; `cpuCount()` unless given. */
  processes?: number | undefined;
  /** Every worker calls it first. If it throws in one, the pool is of no use any more. */
  // biome-ignore lint/suspicious/noExplicitAny: whatever it takes
  initializer?: ((...args: any[]) => unknown) | undefined;
  initargs?: readonly unknown[] | undefined;
  /** After so many tasks (a piece of a map counts as one) a worker is replaced. */
  maxtasksperchild?: number | undefined;
  /** A start method, or what `getContext` gave; `getStartMethod()` unless given. */
  context?: Context | StartMethod | undefined;
  /** Workers are called so, with a number behind it; `ForkPoolWorker` and the like unless given. */
  name?: string | undefined;
}

/** What `pool.stats()` says. */
export interface PoolStats {
  /** How many workers there may be, are, and have nothing to do. */
  size: number;
  workers: number;
  idle: number;
  /** Their pids. */
  pids: number[];
  /** Calls of this pool's methods that have not settled; tasks and pieces that workers have been given. */
  pending: number;
  running: number;
  /** Calls that have settled. */
  completed: number;
  failed: number;
  /** Workers that were ever started, and those that ended otherwise than they were told to. */
  started: number;
  died: number;
}

const MOST_WORKERS = 4096;

/** @internal For `prong/futures`. */
export const submit = Symbol('prong.pool.submit');

/** @internal A call, and what its future needs. */
export interface Submitted {
  readonly job: CallJob;
  /** Keeps it from being begun. */
  cancel(error: unknown): void;
  readonly runUntil: RunUntil;
}

/**
 * Workers that do tasks: Python's `multiprocessing.Pool`. A task is any function, a closure included, made before or after the
 * pool, sync or async.
 *
 *     await using pool = new Pool(4);
 *     const sizes = await pool.map((file) => count(file, words), files);
 *
 * Workers start when there is something for them to do. A forked one is a copy of this process at that moment, and reads
 * what a function refers to where it lies: variables have the values they had when the worker was started, which is never before the
 * function was first handed to the pool, and not later than when the task begins. `renew()` lets workers start
 * anew. Functions, arguments and results that are sent travel as in `Queue`.
 *
 * A worker that dies fails the task that it had begun with `WorkerDiedError`, and is replaced.
 */
export class Pool {
  readonly #crew: Crew;
  readonly #kind: Kind;
  readonly #home = process.pid;
  readonly #unasked = new Unasked();
  readonly #runUntil: RunUntil = (done, deadline) => this.#crew.runUntil(done, deadline);

  /**
   * @throws `ERR_INVALID_ARG_TYPE`, `ERR_OUT_OF_RANGE`
   */
  constructor(processes?: number | PoolOptions, options: PoolOptions = {}) {
    const given = typeof processes === 'object' && processes !== null ? processes : options;
    if (typeof given !== 'object' || given === null) throw invalidType('options', 'of type object', given);
    const { initializer, initargs = [], maxtasksperchild, context, name } = given;
    const size = (typeof processes === 'object' ? processes?.processes : processes) ?? cpuCount();
    checkInteger('processes', size, 1, MOST_WORKERS);
    if (initializer !== undefined && initializer !== null) checkFunction('options.initializer', initializer);
    if (!Array.isArray(initargs)) throw invalidType('options.initargs', 'an array', initargs);
    if (name !== undefined) checkString('options.name', name);
    this.#kind = kindOf(context);
    this.#crew = new Crew(size, {
      kind: this.#kind,
      name: name ?? this.#kind.workerName,
      initializer: initializer ?? undefined,
      initargs: [...initargs],
      maxtasksperchild: checkCount('options.maxtasksperchild', maxtasksperchild) ?? Number.POSITIVE_INFINITY,
    });
  }

  /** Calls `fn(...args)` in a worker. Rejects with what it throws. */
  async apply<A extends unknown[], R>(
    fn: Task<A, R>,
    args: A = [] as unknown as A,
    options?: ApplyOptions,
  ): Promise<Awaited<R>> {
    return this.#call(fn, args, options, Pool.prototype.apply, 'Pool.apply').promise as Promise<Awaited<R>>;
  }

  /** As `apply`, blocking this thread. */
  applySync<A extends unknown[], R>(
    fn: Task<A, R>,
    args: A = [] as unknown as A,
    options?: ApplyOptions,
  ): Awaited<R> {
    const outcome = this.#call(fn, args, options, Pool.prototype.applySync, 'Pool.applySync');
    return this.#sync(outcome) as Awaited<R>;
  }

  /** Calls `fn(...args)` in a worker, some time. */
  applyAsync<A extends unknown[], R>(
    fn: Task<A, R>,
    args: A = [] as unknown as A,
    options: ApplyOptions & CallbackOptions<Awaited<R>> = {},
  ): AsyncResult<Awaited<R>> {
    return this.#result(
      this.#call(fn, args, options, Pool.prototype.applyAsync, 'Pool.applyAsync'),
      options,
    ) as AsyncResult<Awaited<R>>;
  }

  /** Calls `fn(item)` for each item, on all workers. The results in order, or the first error. */
  async map<T, R>(
    fn: (item: T) => R,
    iterable: Iterable<T>,
    options?: MapCallOptions | number,
  ): Promise<Awaited<R>[]> {
    return this.#map(fn, iterable, false, options, Pool.prototype.map, 'Pool.map').promise as Promise<
      Awaited<R>[]
    >;
  }

  /** As `map`, blocking this thread. */
  mapSync<T, R>(fn: (item: T) => R, iterable: Iterable<T>, options?: MapCallOptions | number): Awaited<R>[] {
    const outcome = this.#map(fn, iterable, false, options, Pool.prototype.mapSync, 'Pool.mapSync');
    return this.#sync(outcome) as Awaited<R>[];
  }

  /** As `map`; the result is waited for when it is wanted. */
  mapAsync<T, R>(
    fn: (item: T) => R,
    iterable: Iterable<T>,
    options?: (MapCallOptions & CallbackOptions<Awaited<R>[]>) | number,
  ): AsyncResult<Awaited<R>[]> {
    return this.#result(
      this.#map(fn, iterable, false, options, Pool.prototype.mapAsync, 'Pool.mapAsync'),
      optionsOf(options),
    ) as AsyncResult<Awaited<R>[]>;
  }

  /** As `map`, where each item is a list of arguments: `fn(...item)`. */
  async starmap<A extends unknown[], R>(
    fn: (...args: A) => R,
    iterable: Iterable<A>,
    options?: MapCallOptions | number,
  ): Promise<Awaited<R>[]> {
    return this.#map(fn, iterable, true, options, Pool.prototype.starmap, 'Pool.starmap').promise as Promise<
      Awaited<R>[]
    >;
  }

  /** As `starmap`, blocking this thread. */
  starmapSync<A extends unknown[], R>(
    fn: (...args: A) => R,
    iterable: Iterable<A>,
    options?: MapCallOptions | number,
  ): Awaited<R>[] {
    const outcome = this.#map(fn, iterable, true, options, Pool.prototype.starmapSync, 'Pool.starmapSync');
    return this.#sync(outcome) as Awaited<R>[];
  }

  /** As `starmap`; the result is waited for when it is wanted. */
  starmapAsync<A extends unknown[], R>(
    fn: (...args: A) => R,
    iterable: Iterable<A>,
    options?: (MapCallOptions & CallbackOptions<Awaited<R>[]>) | number,
  ): AsyncResult<Awaited<R>[]> {
    return this.#result(
      this.#map(fn, iterable, true, options, Pool.prototype.starmapAsync, 'Pool.starmapAsync'),
      optionsOf(options),
    ) as AsyncResult<Awaited<R>[]>;
  }

  /**
   * As `map`, one result after the other, in order, over any iterable, an async or an endless one included: it is asked for no
   * more than fits between the workers and whoever takes the results.
   */
  imap<T, R>(
    fn: (item: T) => R,
    iterable: Iterable<T> | AsyncIterable<T>,
    options?: ImapOptions | number,
  ): ImapIterator<Awaited<R>> {
    return this.#imap(fn, iterable, true, options, Pool.prototype.imap, 'Pool.imap');
  }

  /** As `imap`, in the order in which results come. */
  imapUnordered<T, R>(
    fn: (item: T) => R,
    iterable: Iterable<T> | AsyncIterable<T>,
    options?: ImapOptions | number,
  ): ImapIterator<Awaited<R>> {
    return this.#imap(fn, iterable, false, options, Pool.prototype.imapUnordered, 'Pool.imapUnordered');
  }

  /** @internal */
  [submit](fn: unknown, args: readonly unknown[], called: Called, name: string): Submitted {
    const job = this.#job(fn, args, undefined, called, name);
    job.outcome.whenUnasked = this.#unasked.add;
    this.#add(job);
    return { job, cancel: (error) => this.#crew.cancel(job, error), runUntil: this.#runUntil };
  }

  /** No more tasks: the workers end when those that there are have been done. */
  close(): void {
    if (this.#isHome) this.#crew.close();
  }

  /** Kills the workers. What has not settled fails with `ERR_POOL_TERMINATED`. */
  terminate(): void {
    if (this.#isHome) this.#crew.terminate();
  }

  /** Waits until the workers have ended. Throws `ERR_POOL_RUNNING` before `close()` or `terminate()`. */
  async join(): Promise<void> {
    this.#checkEnding();
    await this.#crew.empty();
    this.#unasked.tell();
  }

  /** As `join`, blocking this thread. */
  joinSync(): void {
    this.#checkEnding();
    this.#crew.runUntil(() => this.#crew.isEmpty, Number.POSITIVE_INFINITY);
    this.#unasked.tell();
  }

  /** Tasks that have not begun yet will see this process's variables as they are now or later: workers are replaced before. */
  renew(): void {
    this.#checkHome();
    this.#crew.roster.renew();
  }

  /** Changes how many workers there may be. Those that are too many end when they have done what they were given. */
  resize(processes: number): void {
    checkInteger('processes', processes, 1, MOST_WORKERS);
    this.#checkHome();
    this.#crew.roster.resize(processes);
    this.#crew.schedule();
  }

  /** What it is doing. */
  stats(): PoolStats {
    const { roster, pending, counts } = this.#crew;
    const { size, idle, running, started, died } = roster;
    const pids = [...roster.members].map(({ hand }) => hand.pid);
    return { size, workers: pids.length, idle, pids, pending, running, ...counts, started, died };
  }

  /** As Python's `with`: `terminate()`, and waits for it. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.terminate();
    if (this.#isHome) await this.#crew.empty();
  }

  /** Shows its kind, state and size in `console.log`, as Python's `repr` does. */
  [inspect.custom](): string {
    const { size, workers, pending } = this.stats();
    return `Pool { ${workers} of ${size} workers, ${pending} pending${this.#crew.closing ? ', closed' : ''} }`;
  }

  get #isHome(): boolean {
    return this.#home === process.pid;
  }

  #checkHome(): void {
    if (!this.#isHome) {
      throw new PoolError("a pool's workers are those of the process that made it", 'ERR_POOL_FOREIGN');
    }
  }

  #checkOpen(): void {
    this.#checkHome();
    if (this.#crew.closing) throw new PoolError('the pool is closed', 'ERR_POOL_CLOSED');
  }

  #checkEnding(): void {
    this.#checkHome();
    if (!this.#crew.closing) {
      throw new PoolError(
        'join() waits for the workers to end: close() or terminate() first',
        'ERR_POOL_RUNNING',
      );
    }
  }

  #add<J extends Job & { outcome: Outcome<unknown> }>(job: J): J['outcome'] {
    const { signal } = job.options;
    if (signal?.aborted) job.abandon(signal.reason);
    else if (!job.settled) this.#crew.add(job);
    return job.outcome;
  }

  #call(fn: unknown, args: unknown, options: ApplyOptions | undefined, called: Called, name: string) {
    return this.#add(this.#job(fn, args, options, called, name));
  }

  #job(fn: unknown, args: unknown, options: ApplyOptions | undefined, called: Called, name: string): CallJob {
    const site = callSite(called);
    checkCallable(fn);
    const given = optionsOf(options);
    const all = checkArguments(args, given);
    checkCallbacks(given);
    const task = checkTask(given);
    this.#checkOpen();
    return new CallJob(fn as AnyFunction, all, task, site, name, this.#kind.canInherit);
  }

  #map(
    fn: unknown,
    iterable: unknown,
    spread: boolean,
    options: MapCallOptions | number | undefined,
    called: Called,
    name: string,
  ) {
    const site = callSite(called);
    checkCallable(fn);
    checkIterable(iterable);
    const given = optionsOf(options);
    checkCallbacks(given);
    const { onProgress } = given;
    if (onProgress !== undefined) checkFunction('options.onProgress', onProgress);
    const chunksize = checkCount('options.chunksize', given.chunksize);
    const task = { ...checkTask(given), chunksize, onProgress };
    this.#checkOpen();
    const items = [...iterable];
    if (spread) {
      for (const item of items) {
        if (!Array.isArray(item)) throw invalidType('each item', 'an array of arguments', item);
      }
    }
    return this.#add(new MapJob(fn as AnyFunction, items, spread, task, site, name, this.#kind.canInherit));
  }

  #imap<R>(
    fn: unknown,
    iterable: unknown,
    ordered: boolean,
    options: ImapOptions | number | undefined,
    called: Called,
    name: string,
  ): ImapIterator<R> {
    const site = callSite(called);
    checkCallable(fn);
    checkSource(iterable);
    const given = optionsOf(options);
    const task = {
      ...checkTask(given),
      chunksize: checkCount('options.chunksize', given.chunksize),
      buffer: checkCount('options.buffer', given.buffer),
    };
    this.#checkOpen();
    const crew = this.#crew;
    const job: StreamJob = new StreamJob(
      fn as AnyFunction,
      iterable,
      ordered,
      task,
      {
        awake: () => crew.awake(job),
        settled: () => crew.settled(job),
        get workers() {
          return crew.roster.size;
        },
      },
      site,
      name,
    );
    if (task.signal?.aborted) job.abandon(task.signal.reason);
    else crew.add(job);
    return new ImapIterator<R>(job);
  }

  #result(outcome: Outcome<unknown>, { callback, errorCallback }: CallbackOptions<never>): AsyncResult {
    callBack(outcome, callback as ((value: unknown) => void) | undefined, errorCallback);
    outcome.whenUnasked = this.#unasked.add;
    return new AsyncResult(outcome, this.#runUntil);
  }

  #sync(outcome: Outcome<unknown>): unknown {
    this.#crew.runUntil(() => outcome.state !== 'pending', Number.POSITIVE_INFINITY);
    return outcome.value;
  }
}
