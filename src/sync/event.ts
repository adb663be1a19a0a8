import { limitOf, type TimeoutOptions } from './acquirable.js';
import { core, Status } from './core.js';
import { lockError } from './lock.js';
import { Adopted, SharedObject, travels } from './shared-object.js';

/** A flag that threads and processes can wait for: Python's `Event`. */
export class Event extends SharedObject {
  readonly #words: Int32Array;
  readonly #index: number;
  readonly #place;

  constructor(adopted?: Adopted) {
    const place = adopted instanceof Adopted ? adopted.place : core.create('event');
    super(place, 'Event', !(adopted instanceof Adopted));
    this.#place = place;
    this.#words = place.words;
    this.#index = place.index;
  }

  /** Sets the flag and wakes everybody who waits for it. */
  set(): void {
    if (Atomics.compareExchange(this.#words, this.#index, 0, 1) === 0) return;
    this.#settle(core.eventSet(this.#place));
  }

  /** Clears the flag. Who was waiting when it was set goes on nevertheless. */
  clear(): void {
    this.#settle(core.eventClear(this.#place));
  }

  /** Whether it is set. */
  isSet(): boolean {
    return (Atomics.load(this.#words, this.#index) & 1) !== 0;
  }

  /** Resolves with `true` when the flag is set, with `false` when `timeout` ms have passed. */
  wait(options?: TimeoutOptions): Promise<boolean> {
    try {
      const limit = limitOf(options);
      if (this.isSet()) return Promise.resolve(true);
      if (limit === 0) return Promise.resolve(false);
      return core.wait(this.#place, limit).then((status) => this.#settle(status));
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /** As `wait`, blocking this thread. */
  waitSync(options?: TimeoutOptions): boolean {
    const limit = limitOf(options);
    return this.isSet() || this.#settle(core.waitSync(this.#place, limit));
  }

  /** Ends the use of it everywhere: for those who wait, and from here on, calls throw `ThreadError`. */
  destroy(): void {
    core.destroy(this.#place);
  }

  /** @internal */
  protected override describe(): string {
    return `set: ${this.isSet()}`;
  }

  #settle(status: number): boolean {
    if (status === Status.done) return true;
    if (status === Status.timedOut) return false;
    throw lockError('Event', undefined, status);
  }
}

travels(Event, 'Event', 'event', (adopted) => new Event(adopted));
