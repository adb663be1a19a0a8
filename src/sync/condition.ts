import { checkFunction, checkInteger, invalidType } from '../util/check.js';
import { Acquirable, limitOf, type TimeoutOptions } from './acquirable.js';
import { core, Status } from './core.js';
import type { Guard } from './dispose.js';
import { fromHandle, type Handle, isTravelling } from './handle.js';
import { giveUp, Lock, lockError, notified } from './lock.js';
import { RLock } from './rlock.js';
import { Adopted, travels } from './shared-object.js';

const ALL = 2 ** 32 - 1;

function isLock(value: unknown): value is Lock | RLock {
  return value instanceof Lock || value instanceof RLock;
}

/** Threads and processes that wait, holding a lock, to be told of a change: Python's `Condition`. */
export class Condition extends Acquirable {
  /** @internal */
  readonly lock: Lock | RLock;
  readonly #place;

  /** @param lock Default: a new `RLock`. */
  constructor(lock: Lock | RLock | Adopted = new RLock()) {
    const adopted = lock instanceof Adopted ? lock : undefined;
    const own = adopted ? adopted.data.lock : lock;
    const its = adopted && !isTravelling(own) ? fromHandle(own as Handle) : own;
    if (!isLock(its)) throw invalidType('lock', 'a Lock or an RLock', its);
    const place = adopted?.place ?? core.create('condition');
    super(place, 'Condition', adopted === undefined);
    this.#place = place;
    this.lock = its;
  }

  /** Acquires the condition's lock, as its own `acquire` does. */
  acquire(options?: TimeoutOptions): Promise<boolean> {
    return this.lock.acquire(options);
  }

  /** As `acquire`, blocking this thread. */
  acquireSync(options?: TimeoutOptions): boolean {
    return this.lock.acquireSync(options);
  }

  /** Acquires the condition's lock if it is free. */
  tryAcquire(): boolean {
    return this.lock.tryAcquire();
  }

  /** Releases the condition's lock. */
  release(): void {
    this.lock.release();
  }

  /** Whether somebody holds the condition's lock. */
  locked(): boolean {
    return this.lock.locked();
  }

  override hold(options?: TimeoutOptions): Promise<Guard> {
    return this.lock.hold(options);
  }

  override with<R>(fn: () => R | PromiseLike<R>, options?: TimeoutOptions): Promise<Awaited<R>> {
    return this.lock.with(fn, options);
  }

  /**
   * Releases the lock, waits to be notified, and acquires the lock again. Resolves with `false` when `timeout` ms have passed
   * without a notification. Throws `ThreadError` where the lock isn't held.
   */
  async wait(options?: TimeoutOptions): Promise<boolean> {
    const limit = limitOf(options);
    const release = this.lock[giveUp]();
    const notified = core.wait(this.#place, limit);
    const regain = release();
    const status = await notified;
    await regain.async();
    return this.#settle(status);
  }

  /** As `wait`, blocking this thread. */
  waitSync(options?: TimeoutOptions): boolean {
    const limit = limitOf(options);
    const release = this.lock[giveUp]();
    core.enter(this.#place);
    const regain = release();
    const status = core.resume(this.#place, limit);
    regain.sync();
    return this.#settle(status);
  }

  /** Waits until `predicate` returns something true, and resolves with its last result. Holds the lock while asking. */
  async waitFor<R>(predicate: () => R | PromiseLike<R>, options?: TimeoutOptions): Promise<Awaited<R>> {
    checkFunction('predicate', predicate);
    const deadline = performance.now() + limitOf(options);
    for (;;) {
      const result = await predicate();
      const left = deadline - performance.now();
      if (result || left <= 0) return result;
      await this.wait({ timeout: left });
    }
  }

  /** As `waitFor`, blocking this thread. */
  waitForSync<R>(predicate: () => R, options?: TimeoutOptions): R {
    checkFunction('predicate', predicate);
    const deadline = performance.now() + limitOf(options);
    for (;;) {
      const result = predicate();
      const left = deadline - performance.now();
      if (result || left <= 0) return result;
      this.waitSync({ timeout: left });
    }
  }

  /** Wakes the `n` that have waited longest. Throws `ThreadError` where the lock isn't held. */
  notify(n = 1): void {
    checkInteger('n', n, 0, ALL);
    this.lock[giveUp]();
    notified.some = true;
    this.#checkThere(core.conditionNotify(this.#place, n));
  }

  /** Wakes all that wait. Throws `ThreadError` where the lock isn't held. */
  notifyAll(): void {
    this.notify(ALL);
  }

  /** Ends the use of it everywhere: for those who wait, and from here on, `wait` throws `ThreadError`. */
  destroy(): void {
    core.destroy(this.#place);
  }

  /** @internal */
  protected override describe(): string {
    return `locked: ${this.lock.locked()}`;
  }

  #checkThere(result: number): void {
    if (result < 0) throw lockError('Condition', undefined, Status.destroyed);
  }

  #settle(status: number): boolean {
    if (status === Status.done) return true;
    if (status === Status.timedOut) return false;
    throw lockError('Condition', undefined, status);
  }
}

travels(Condition, 'Condition', 'condition', (adopted) => new Condition(adopted));
