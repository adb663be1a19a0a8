import { type Entry, entryOf } from '../crew/registry.js';
import type { AnyFunction } from '../worker/serve.js';
import { addCallSite, type CallSite } from './call-site.js';
import { Job, type JobOptions, type Unit } from './job.js';
import { Outcome } from './outcome.js';
import { isLarge } from './size.js';

export interface MapOptions extends JobOptions {
  chunksize: number | undefined;
  onProgress: ((done: number, total: number) => void) | undefined;
}

/** A function over all of a list: the results in order, or the first error. */
export class MapJob extends Job {
  readonly spread: boolean;
  readonly single = false;
  readonly outcome = new Outcome<unknown>();
  readonly #items: readonly unknown[];
  readonly #results: unknown[];
  #inherited: boolean;
  readonly #chunksize: number | undefined;
  readonly #onProgress: MapOptions['onProgress'];
  readonly #site: CallSite;
  readonly #name: string;
  #cursor = 0;
  #done = 0;

  /** `canInherit`: workers may be forked that find the list where it lies. */
  constructor(
    fn: AnyFunction,
    items: readonly unknown[],
    spread: boolean,
    options: MapOptions,
    site: CallSite,
    name: string,
    canInherit: boolean,
  ) {
    super(fn, options);
    this.#items = items;
    this.spread = spread;
    this.#results = new Array(items.length);
    this.#chunksize = options.chunksize;
    this.#onProgress = options.onProgress;
    this.#site = site;
    this.#name = name;
    this.#inherited = canInherit && isLarge(items);
    if (items.length === 0) {
      this.settled = true;
      this.outcome.resolve([]);
    }
  }

  override get chunksize(): number | undefined {
    return this.#chunksize;
  }

  get left(): number {
    return this.settled ? 0 : this.#items.length - this.#cursor + (this.returned?.length ?? 0);
  }

  protected next(count: number): Unit | undefined {
    const start = this.#cursor;
    const end = Math.min(start + (this.#chunksize ?? count), this.#items.length);
    if (start === end) return undefined;
    this.#cursor = end;
    if (!this.#inherited) return { job: this, index: start, items: this.#items.slice(start, end), deaths: 0 };
    return this.#range(start, end, 0);
  }

  #range(start: number, end: number, deaths: number): Unit {
    const owner = this.#items;
    return { job: this, index: start, items: [], range: { data: entryOf(owner), owner, start, end }, deaths };
  }

  get data(): Entry | undefined {
    return this.#inherited ? entryOf(this.#items) : undefined;
  }

  inherited({ index, items, deaths }: Unit): Unit {
    this.#inherited = true;
    return this.#range(index, index + items.length, deaths);
  }

  done({ index }: Unit, values: unknown[]): void {
    if (this.settled) return;
    for (let i = 0; i < values.length; i++) this.#results[index + i] = values[i];
    this.#done += values.length;
    this.#onProgress?.(this.#done, this.#items.length);
    if (this.#done < this.#items.length || this.settled) return;
    this.settled = true;
    this.outcome.resolve(this.#results);
  }

  failed(_unit: Unit, error: unknown): void {
    if (this.settled) return;
    addCallSite(error, this.#site, this.#name);
    this.abandon(error);
  }

  abandon(error: unknown): void {
    if (this.settled) return;
    this.settled = true;
    this.error = { error };
    this.outcome.reject(error);
  }
}
