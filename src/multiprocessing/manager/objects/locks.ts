/** Primitives that live in a manager's process: whoever dies holding one gives it up. */
import { BrokenBarrierError, ThreadError } from '../../../errors.js';
import { checkInteger, checkTimeout, outOfRange } from '../../../util/check.js';
import { type Caller, caller, Line, type TimeLimit } from '../waiters.js';

const limit = (options: TimeLimit | undefined): number => checkTimeout(options?.timeout);

export class ManagedLock {
  protected holder: Caller | undefined;
  protected depth = 0;
  #forget: (() => void) | undefined;
  readonly #line = new Line();

  async acquire(options?: TimeLimit): Promise<boolean> {
    const by = caller();
    const ms = limit(options);
    if (this.tryAcquire()) return true;
    // Whoever releases it gives it to the next in the line.
    return this.#line.wait(ms).then((got) => {
      if (got && this.holder !== by) throw new ThreadError('this lock was given to somebody else');
      return got;
    });
  }

  tryAcquire(): boolean {
    if (this.holder !== undefined) return false;
    this.#give(caller());
    return true;
  }

  /** Anybody may release it, as in Python. Throws `ThreadError` where nobody holds it. */
  release(): void {
    if (this.holder === undefined) throw new ThreadError('release of an unlocked lock');
    this.pass();
  }

  locked(): boolean {
    return this.holder !== undefined;
  }

  #give(to: Caller): void {
    this.holder = to;
    this.depth = 1;
    this.#forget = to.onGone(() => this.pass());
  }

  /** Whoever waits first has it now. */
  protected pass(): void {
    this.#forget?.();
    this.#forget = undefined;
    this.holder = undefined;
    this.depth = 0;
    const { next } = this.#line;
    if (next === undefined) return;
    this.#give(next);
    this.#line.call();
  }
}

/** Its owner is a thread of a process: all tasks of it together. */
export class ManagedRLock extends ManagedLock {
  override tryAcquire(): boolean {
    if (this.holder === caller()) {
      this.depth++;
      return true;
    }
    return super.tryAcquire();
  }

  override release(): void {
    if (this.holder !== caller()) throw new ThreadError('cannot release an RLock that somebody else holds');
    if (--this.depth === 0) this.pass();
  }
}

export class ManagedSemaphore {
  #value: number;
  readonly #line = new Line();
  readonly #holders = new Map<Caller, { count: number; forget: () => void }>();

  constructor(value = 1) {
    checkInteger('value', value, 0);
    this.#value = value;
  }

  async acquire(options?: TimeLimit): Promise<boolean> {
    const ms = limit(options);
    return this.tryAcquire() || this.#line.wait(ms);
  }

  tryAcquire(): boolean {
    const by = caller();
    if (this.#value === 0) return false;
    this.#value--;
    this.#note(by);
    return true;
  }

  release(n = 1): void {
    checkInteger('n', n, 1);
    this.#unnote(caller(), n);
    this.put(n);
  }

  value(): number {
    return this.#value;
  }

  protected put(n: number): void {
    this.#value += n;
    for (let next = this.#line.next; this.#value > 0 && next !== undefined; next = this.#line.next) {
      this.#value--;
      this.#note(next);
      this.#line.call();
    }
  }

  /** What somebody has taken and not given back when it dies comes back. */
  #note(by: Caller): void {
    const held = this.#holders.get(by);
    if (held !== undefined) {
      held.count++;
      return;
    }
    const entry = { count: 1, forget: by.onGone(() => this.#returnOf(by)) };
    this.#holders.set(by, entry);
  }

  #unnote(by: Caller, n: number): void {
    const held = this.#holders.get(by);
    if (held === undefined) return;
    held.count -= n;
    if (held.count > 0) return;
    held.forget();
    this.#holders.delete(by);
  }

  #returnOf(by: Caller): void {
    const held = this.#holders.get(by);
    this.#holders.delete(by);
    if (held !== undefined) this.put(held.count);
  }
}

export class ManagedBoundedSemaphore extends ManagedSemaphore {
  readonly #most: number;

  constructor(value = 1) {
    super(value);
    this.#most = value;
  }

  override release(n = 1): void {
    checkInteger('n', n, 1);
    if (this.value() + n > this.#most)
      throw outOfRange('n', `<= ${this.#most - this.value()}: the semaphore is bounded`, n);
    super.release(n);
  }

  protected override put(n: number): void {
    super.put(Math.min(n, this.#most - this.value()));
  }
}

export class ManagedEvent {
  #set = false;
  readonly #line = new Line();

  set(): void {
    this.#set = true;
    this.#line.call(this.#line.length);
  }

  clear(): void {
    this.#set = false;
  }

  isSet(): boolean {
    return this.#set;
  }

  async wait(options?: TimeLimit): Promise<boolean> {
    const ms = limit(options);
    return this.#set || this.#line.wait(ms);
  }
}

/** Its lock is a plain one: whoever holds it must not acquire it again. */
export class ManagedCondition extends ManagedLock {
  readonly #waiting = new Line();

  /** Gives up the lock, waits to be notified, and has the lock again. Throws `ThreadError` where the caller doesn't hold it. */
  async wait(options?: TimeLimit): Promise<boolean> {
    const ms = limit(options);
    this.#check('wait on');
    const notified = this.#waiting.wait(ms);
    this.pass();
    const result = await notified;
    await this.acquire();
    return result;
  }

  notify(n = 1): void {
    checkInteger('n', n, 1);
    this.#check('notify');
    this.#waiting.call(n);
  }

  notifyAll(): void {
    this.#check('notify');
    this.#waiting.call(this.#waiting.length);
  }

  #check(what: string): void {
    if (this.holder !== caller()) throw new ThreadError(`cannot ${what} a condition whose lock is not held`);
  }
}

export class ManagedBarrier {
  readonly #parties: number;
  readonly #timeout: number | undefined;
  #waiting = new Set<{ index: number; settle(index: number): void; fail(error: Error): void }>();
  #broken = false;

  constructor(parties: number, { timeout }: TimeLimit = {}) {
    checkInteger('parties', parties, 1);
    checkTimeout(timeout);
    this.#parties = parties;
    this.#timeout = timeout;
  }

  /** The number of this party among those that met. One that dies while it waits breaks the barrier. */
  async wait(options?: TimeLimit): Promise<number> {
    const ms = limit({ timeout: options?.timeout ?? this.#timeout });
    if (this.#broken) throw new BrokenBarrierError();
    const index = this.#waiting.size;
    if (index + 1 === this.#parties) {
      const met = [...this.#waiting];
      this.#waiting.clear();
      for (const party of met) party.settle(party.index);
      return index;
    }
    let forget = (): void => {};
    let timer: NodeJS.Timeout | undefined;
    try {
      return await new Promise<number>((settle, fail) => {
        const party = { index, settle, fail };
        this.#waiting.add(party);
        forget = caller().onGone(() => this.abort());
        if (ms < 2 ** 31) timer = setTimeout(() => this.abort(), ms);
      });
    } finally {
      forget();
      clearTimeout(timer);
    }
  }

  abort(): void {
    this.#broken = true;
    this.#fail();
  }

  reset(): void {
    this.#fail();
    this.#broken = false;
  }

  parties(): number {
    return this.#parties;
  }

  nWaiting(): number {
    return this.#waiting.size;
  }

  broken(): boolean {
    return this.#broken;
  }

  #fail(): void {
    const all = [...this.#waiting];
    this.#waiting.clear();
    for (const party of all) party.fail(new BrokenBarrierError());
  }
}
