import type { Entry } from '../crew/registry.js';
import { entryOf } from '../crew/registry.js';
import type { AnyFunction } from '../worker/serve.js';
import { addCallSite, type CallSite } from './call-site.js';
import { Job, type JobOptions, type Unit } from './job.js';

export interface StreamOptions extends JobOptions {
  chunksize: number | undefined;
  /** How many items may be on their way, results that nobody has taken included. */
  buffer: number | undefined;
}

/** How many items may be on their way, if nobody said it: this many for each worker, and more if they take little time. */
const AHEAD = 4;
const AHEAD_MS = 10;
const MOST_AHEAD = 2048;

/** What the job wants of its pool. */
export interface StreamPool {
  /** There is something to be sent. */
  awake(): void;
  /** It has settled by itself. */
  settled(): void;
  readonly workers: number;
}

type Result = { value: unknown } | { error: unknown };

/**
 * A function over what an iterable gives, which may be endless: it is asked for no more than fits between workers and
 * whoever takes the results.
 */
export class StreamJob extends Job {
  // Each item is a task of its own: one that fails must not keep its neighbours' results from arriving.
  readonly spread = true;
  readonly single = true;
  readonly #pool: StreamPool;
  readonly #source: Iterator<unknown> | AsyncIterator<unknown>;
  readonly #isAsync: boolean;
  readonly #ordered: boolean;
  readonly #chunksize: number | undefined;
  readonly #buffer: number | undefined;
  readonly #site: CallSite;
  readonly #name: string;
  /** Those that have been asked for and not sent. */
  #items: unknown[] = [];
  #asking = false;
  #exhausted = false;
  /** How many items have been sent, answered, and taken away. */
  #sent = 0;
  #answered = 0;
  #taken = 0;
  readonly #results = new Map<number, Result>();
  #takers: { resolve(result: IteratorResult<unknown>): void; reject(error: unknown): void }[] = [];

  constructor(
    fn: AnyFunction,
    source: Iterable<unknown> | AsyncIterable<unknown>,
    ordered: boolean,
    options: StreamOptions,
    pool: StreamPool,
    site: CallSite,
    name: string,
  ) {
    super(fn, options);
    this.#isAsync = Symbol.asyncIterator in source;
    this.#source = this.#isAsync
      ? (source as AsyncIterable<unknown>)[Symbol.asyncIterator]()
      : (source as Iterable<unknown>)[Symbol.iterator]();
    this.#ordered = ordered;
    this.#chunksize = options.chunksize;
    this.#buffer = options.buffer;
    this.#pool = pool;
    this.#site = site;
    this.#name = name;
  }

  override get chunksize(): number | undefined {
    return this.#chunksize;
  }

  /** How many more items may be asked for. */
  get #room(): number {
    return this.#limit - (this.#sent + this.#items.length - this.#taken);
  }

  get #limit(): number {
    if (this.#buffer !== undefined) return this.#buffer;
    const { average } = this.entry;
    const { workers } = this.#pool;
    const quick = average === undefined ? 0 : Math.floor(AHEAD_MS / Math.max(average, 1e-6));
    return workers * Math.max(AHEAD * (this.#chunksize ?? 1), Math.min(quick, MOST_AHEAD));
  }

  get left(): number {
    if (this.settled) return 0;
    this.#ask();
    return this.#items.length + (this.returned?.length ?? 0);
  }

  get data(): Entry | undefined {
    return this.returned?.[0]?.range?.data;
  }

  protected next(): Unit | undefined {
    if (this.#items.length === 0) return undefined;
    return { job: this, index: this.#sent++, items: [this.#items.shift()], deaths: 0 };
  }

  inherited({ index, items, deaths }: Unit): Unit {
    const owner = [items];
    return { job: this, index, items, range: { data: entryOf(owner), owner, start: 0, end: 1 }, deaths };
  }

  /** Gets items from the source, as many as there is room for. */
  #ask(): void {
    if (this.#asking || this.#exhausted || this.settled) return;
    if (this.#isAsync) {
      if (this.#room > 0) void this.#askAsync();
      return;
    }
    this.#asking = true;
    try {
      while (this.#room > 0 && !this.#exhausted) this.#got((this.#source as Iterator<unknown>).next());
    } catch (error) {
      this.abandon(error);
    } finally {
      this.#asking = false;
    }
  }

  #got({ done, value }: IteratorResult<unknown>): void {
    if (!done) {
      this.#items.push(value);
      return;
    }
    this.#exhausted = true;
    this.#deliver();
  }

  async #askAsync(): Promise<void> {
    this.#asking = true;
    try {
      while (this.#room > 0 && !this.#exhausted && !this.settled) {
        this.#got(await (this.#source as AsyncIterator<unknown>).next());
        if (!this.settled && this.#items.length > 0) this.#pool.awake();
      }
    } catch (error) {
      this.abandon(error);
    } finally {
      this.#asking = false;
    }
  }

  done({ index }: Unit, [value]: unknown[]): void {
    this.#result(index, { value });
  }

  failed({ index }: Unit, error: unknown): void {
    addCallSite(error, this.#site, this.#name);
    this.#result(index, { error });
  }

  #result(index: number, result: Result): void {
    this.#answered++;
    if (!this.settled) this.#results.set(index, result);
    this.#deliver();
  }

  /** The results that can be taken go to those that wait for them. */
  #deliver(): void {
    while (this.#takers.length > 0) {
      const result = this.#next();
      if (result === undefined) break;
      this.#takers
        .shift()
        ?.[('error' in result ? 'reject' : 'resolve') as 'resolve'](
          ('error' in result ? result.error : { done: false, value: result.value }) as never,
        );
    }
    if (
      this.#exhausted &&
      this.#items.length === 0 &&
      this.#answered === this.#sent &&
      !this.returned?.length
    ) {
      this.settled = true;
      this.#pool.settled();
      if (this.#results.size === 0) this.#end();
    }
  }

  #next(): Result | undefined {
    const key = this.#ordered ? this.#taken : this.#results.keys().next().value;
    const result = key === undefined ? undefined : this.#results.get(key);
    if (result === undefined) return undefined;
    this.#results.delete(key as number);
    this.#taken++;
    // There is room for one more.
    if (!this.#exhausted) this.#pool.awake();
    return result;
  }

  #end(): void {
    for (const { resolve } of this.#takers.splice(0)) resolve({ done: true, value: undefined });
  }

  /** Somebody wants the next result. */
  fetch(): Promise<IteratorResult<unknown>> {
    const result = this.#takers.length === 0 ? this.#next() : undefined;
    if (result !== undefined) {
      return 'error' in result
        ? Promise.reject(result.error)
        : Promise.resolve({ done: false, value: result.value });
    }
    if (this.settled) {
      const { error } = this;
      this.error = undefined;
      if (error !== undefined) return Promise.reject(error.error);
      return Promise.resolve({ done: true, value: undefined });
    }
    return new Promise((resolve, reject) => this.#takers.push({ resolve, reject }));
  }

  /** Nobody wants the other results. */
  stop(): void {
    if (this.settled) return;
    this.settled = true;
    this.#results.clear();
    this.#giveUpSource();
    this.#pool.settled();
    this.#end();
  }

  abandon(error: unknown): void {
    if (this.settled) return;
    this.settled = true;
    const [first, ...others] = this.#takers.splice(0);
    if (first === undefined) this.error = { error };
    else first.reject(error);
    for (const { resolve } of others) resolve({ done: true, value: undefined });
    this.#giveUpSource();
    this.#pool.settled();
  }

  /** As a `for` loop does that is left early. */
  #giveUpSource(): void {
    if (this.#exhausted) return;
    this.#exhausted = true;
    try {
      const returned = this.#source.return?.();
      if (this.#isAsync) (returned as Promise<unknown> | undefined)?.then(undefined, () => {});
    } catch {
      // What it ended with matters more.
    }
  }
}
