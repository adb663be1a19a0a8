import { type Entry, entryOf } from '../crew/registry.js';
import type { AnyFunction } from '../worker/serve.js';
import { addCallSite, type CallSite } from './call-site.js';
import { Job, type JobOptions, type Range, type Unit } from './job.js';
import { Outcome } from './outcome.js';
import { isLarge } from './size.js';

const LONG = 4096;

const mayBeLarge = (value: unknown): boolean =>
  (typeof value === 'object' && value !== null) || (typeof value === 'string' && value.length > LONG);

/** One task. */
export class CallJob extends Job implements Unit {
  readonly spread = true;
  readonly single = true;
  readonly outcome = new Outcome<unknown>();
  readonly #site: CallSite;
  readonly #name: string;
  #sent = false;

  // It is its own and only unit.
  readonly job = this;
  readonly index = 0;
  readonly items: readonly unknown[];
  range: Range | undefined;
  deaths = 0;

  constructor(
    fn: AnyFunction,
    args: readonly unknown[],
    options: JobOptions,
    site: CallSite,
    name: string,
    canInherit: boolean,
  ) {
    super(fn, options);
    this.items = args;
    if (canInherit && args.some(mayBeLarge) && isLarge(args)) this.inherited();
    this.#site = site;
    this.#name = name;
  }

  get left(): number {
    return this.settled || this.#sent ? 0 : 1;
  }

  get data(): Entry | undefined {
    return this.range?.data;
  }

  inherited(): Unit {
    const owner = [this.items];
    this.range = { data: entryOf(owner), owner, start: 0, end: 1 };
    return this;
  }

  override take(): Unit | undefined {
    return this.next();
  }

  protected next(): Unit | undefined {
    if (this.settled || this.#sent) return undefined;
    this.#sent = true;
    return this;
  }

  override giveBack(): void {
    this.#sent = false;
  }

  done(_unit: Unit, [value]: unknown[]): void {
    this.settled = true;
    this.outcome.resolve(value);
  }

  failed(_unit: Unit, error: unknown): void {
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
