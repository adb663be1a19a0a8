import { BrokenBarrierError } from '../errors.js';
import { checkFunction, checkInteger, checkTimeout } from '../util/check.js';
import { limitOf, type TimeoutOptions } from './acquirable.js';
import { CAN_ACT, core, Status } from './core.js';
import { lockError } from './lock.js';
import { Adopted, SharedObject, travels } from './shared-object.js';

export interface BarrierOptions {
  /** Run by one party, before all are let go; one that was given it where the barrier was made or inherited it by a fork. */
  action?: (() => void) | undefined;
  /** The limit of each `wait` that names none, in ms. */
  timeout?: number | undefined;
}

/** A place where a number of parties wait for each other: Python's `Barrier`. */
export class Barrier extends SharedObject {
  readonly parties: number;
  /** @internal */
  readonly timeout: number | undefined;
  readonly #action: (() => void) | undefined;
  readonly #place;

  /** @param parties How many have to arrive: 1 or more. */
  constructor(parties: number | Adopted, options: BarrierOptions = {}) {
    const adopted = parties instanceof Adopted ? parties : undefined;
    const count = adopted ? adopted.data.parties : parties;
    checkInteger('parties', count, 1, 65_535);
    if (options.action !== undefined) checkFunction('options.action', options.action);
    checkTimeout(options.timeout);
    const place = adopted?.place ?? core.create('barrier', count, options.action === undefined ? 0 : 1);
    super(place, 'Barrier', adopted === undefined);
    this.#place = place;
    this.#action = options.action;
    this.parties = count;
    this.timeout = adopted ? (adopted.data.timeout as number | undefined) : options.timeout;
  }

  /**
   * Waits for all parties. Resolves with this one's number, 0 to `parties - 1`. Rejects with `BrokenBarrierError` when the barrier
   * is or gets broken: by `reset`, `abort`, an action that throws, or anybody's time running out.
   */
  async wait(options?: TimeoutOptions): Promise<number> {
    return this.#finish(await core.wait(this.#place, this.#limit(options), this.#flags()));
  }

  /** As `wait`, blocking this thread. */
  waitSync(options?: TimeoutOptions): number {
    return this.#finish(core.waitSync(this.#place, this.#limit(options), this.#flags()));
  }

  /** Makes it new: those who wait get `BrokenBarrierError`. */
  reset(): void {
    core.barrierBreak(this.#place, true);
  }

  /** Breaks it, for those who wait and for all to come until `reset`. */
  abort(): void {
    core.barrierBreak(this.#place, false);
  }

  /** How many wait now. */
  get nWaiting(): number {
    return core.barrierWaiting(this.#place);
  }

  /** Whether it is broken: by `abort()`, a wait that ran out of time, or an action that threw. `reset()` mends it. */
  get broken(): boolean {
    return core.barrierBroken(this.#place);
  }

  /** Ends the use of it everywhere: for those who wait, and from here on, `wait` throws `ThreadError`. */
  destroy(): void {
    core.destroy(this.#place);
  }

  /** @internal */
  protected override describe(): string {
    return `parties: ${this.parties}, nWaiting: ${this.nWaiting}, broken: ${this.broken}`;
  }

  #limit(options: TimeoutOptions | undefined): number {
    return options?.timeout === undefined ? checkTimeout(this.timeout) : limitOf(options);
  }

  #flags(): number {
    return this.#action === undefined ? 0 : CAN_ACT;
  }

  #finish(result: number): number {
    switch (result & 0xff) {
      case Status.done:
        return result >>> 8;
      case Status.act:
        return this.#act(result >>> 8);
      case Status.brokenBarrier:
        throw new BrokenBarrierError();
      default:
        throw lockError('Barrier', undefined, result & 0xff);
    }
  }

  #act(wait: number): number {
    try {
      this.#action?.();
    } catch (error) {
      core.barrierActed(this.#place, wait, false);
      throw error;
    }
    return this.#finish(core.barrierActed(this.#place, wait, true));
  }
}

travels(Barrier, 'Barrier', 'barrier', (adopted) => new Barrier(adopted));
