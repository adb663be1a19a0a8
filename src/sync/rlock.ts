import { DeadlockError, ThreadError } from '../errors.js';
import { checkFunction } from '../util/check.js';
import { Acquirable, limitOf, type TimeoutOptions } from './acquirable.js';
import { type Chain, enterChain, isIn, runInChain } from './call-chain.js';
import { core, ID_MASK, Status } from './core.js';
import { isTraced, noteTaken, waitSyncTraced, waitTraced } from './deadlock.js';
import { type Guard, guard } from './dispose.js';
import {
  giveUp,
  type LockOptions,
  lockBits,
  lockError,
  notified,
  type Regain,
  wakeNotified,
} from './lock.js';
import { Adopted, travels } from './shared-object.js';

const { me } = core;

/** The owner under the Sync forms. */
const THREAD = 'thread';
type Owner = Chain | typeof THREAD;

/**
 * A lock that its owner may acquire again, and must release as often: Python's `RLock`. Under the `Sync` forms the owner is
 * the thread, under the promise forms the asynchronous call chain, so that two tasks of one thread exclude each other.
 * Released by anyone else, it throws `ThreadError`.
 */
export class RLock extends Acquirable {
  readonly name: string | undefined;
  readonly #words: Int32Array;
  readonly #index: number;
  readonly #place;
  readonly #traced: boolean;
  // Only the owner's thread needs these, and only while it is the owner: they aren't shared.
  #depth = 0;
  #owner: Owner = THREAD;

  constructor(options: LockOptions | Adopted = {}) {
    const adopted = options instanceof Adopted ? options : undefined;
    const place = adopted?.place ?? core.create('lock', lockBits(options as LockOptions));
    super(place, 'RLock', adopted === undefined);
    this.#place = place;
    this.#words = place.words;
    this.#index = place.index;
    this.#traced = isTraced(place);
    this.name = adopted ? (adopted.data.name as string | undefined) : (options as LockOptions).name;
  }

  /** Acquires without blocking the event loop. Resolves with `false` when `timeout` ms have passed. */
  acquire(options?: TimeoutOptions): Promise<boolean> {
    try {
      const limit = limitOf(options);
      if (this.#again()) return Promise.resolve(true);
      return this.#acquireFor(enterChain(), limit);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /**
   * Acquires, blocking this thread. `false` when `timeout` ms have passed. Throws `DeadlockError` where a task of this same
   * thread holds it: it could never release it.
   */
  acquireSync(options?: TimeoutOptions): boolean {
    if (
      options === undefined &&
      Atomics.compareExchange(this.#words, this.#index, 0, me[0] as number) === 0
    ) {
      this.#depth = 1;
      this.#owner = THREAD;
      return !this.#traced || this.#taken(THREAD);
    }
    const limit = limitOf(options);
    if (this.#again()) return true;
    if (limit === Number.POSITIVE_INFINITY && this.#mine()) {
      throw new DeadlockError(`${this.#title()} is held by a task of this thread, which would be blocked`);
    }
    const status =
      this.#traced && limit === Number.POSITIVE_INFINITY
        ? waitSyncTraced(this.#place, this.name)
        : core.waitSync(this.#place, limit);
    return this.#settle(status) && this.#taken(THREAD);
  }

  /** Acquires if nobody else holds it. The owner is as with `acquireSync`. */
  tryAcquire(): boolean {
    if (Atomics.compareExchange(this.#words, this.#index, 0, me[0] as number) === 0)
      return this.#taken(THREAD);
    return this.#again() || (this.#settle(core.tryOnce(this.#place)) && this.#taken(THREAD));
  }

  /** Releases it once. Throws `ThreadError` for anyone but the owner. */
  release(): void {
    if (this.#depth === 1 && this.#owner === THREAD) {
      const self = me[0] as number;
      this.#depth = 0;
      if (Atomics.compareExchange(this.#words, this.#index, self, 0) === self) {
        if (notified.some) wakeNotified();
        return;
      }
      this.#depth = 1;
    }
    this.#checkOwner();
    this.#release();
  }

  /** Whether somebody holds it, dead or alive. */
  locked(): boolean {
    return (Atomics.load(this.#words, this.#index) & (ID_MASK | 0x40000000)) !== 0;
  }

  /** As `Lock.ownerDied`. */
  get ownerDied(): boolean {
    return Atomics.load(this.#words, this.#index) < 0;
  }

  /** As `Lock.recover`. */
  recover(): void {
    const status = core.lockRecover(this.#place);
    if (status === Status.notHeld) throw new ThreadError('this lock needs no recovery', 'ERR_NOT_OWNER_DIED');
    this.#settle(status);
  }

  /** As `Lock.destroy`. */
  destroy(): void {
    core.destroy(this.#place);
  }

  /** As `Lock.hold`; the guard may be released from anywhere in this thread. */
  override hold(options?: TimeoutOptions): Promise<Guard> {
    // Not an async function: the chain must begin in the caller's own run.
    return this.acquire(options).then((acquired) => {
      if (!acquired) throw this.late(options);
      return guard(() => this.#release());
    });
  }

  override with<R>(fn: () => R | PromiseLike<R>, options?: TimeoutOptions): Promise<Awaited<R>> {
    return runInChain(async (chain): Promise<Awaited<R>> => {
      checkFunction('fn', fn);
      const limit = limitOf(options);
      if (!(this.#again() || (await this.#acquireFor(chain, limit)))) throw this.late(options);
      try {
        return await fn();
      } finally {
        this.#release();
      }
    });
  }

  /** @internal */
  [giveUp](): () => Regain {
    this.#checkOwner();
    return () => {
      const depth = this.#depth;
      const owner = this.#owner;
      this.#depth = 1;
      this.#release(false);
      const back = () => {
        this.#depth = depth;
        this.#owner = owner;
      };
      return {
        sync: () => {
          this.#settle(core.waitSync(this.#place, Number.POSITIVE_INFINITY));
          back();
        },
        async: async () => {
          this.#settle(await core.wait(this.#place, Number.POSITIVE_INFINITY));
          back();
        },
      };
    };
  }

  /** @internal */
  protected override describe(): string {
    return `${this.name === undefined ? '' : `name: '${this.name}', `}locked: ${this.locked()}`;
  }

  #title(): string {
    return this.name === undefined ? 'this RLock' : `RLock '${this.name}'`;
  }

  #mine(): boolean {
    return (Atomics.load(this.#words, this.#index) & ID_MASK) === (me[0] as number);
  }

  #owns(): boolean {
    return this.#mine() && (this.#owner === THREAD || isIn(this.#owner));
  }

  /** Counts up where the caller is the owner already. */
  #again(): boolean {
    if (!this.#owns()) return false;
    this.#depth++;
    return true;
  }

  #taken(owner: Owner): true {
    this.#depth = 1;
    this.#owner = owner;
    if (this.#traced) noteTaken(this.#place, this.name, owner === THREAD ? 0 : owner.root);
    return true;
  }

  async #acquireFor(chain: Chain, limit: number): Promise<boolean> {
    const status =
      Atomics.compareExchange(this.#words, this.#index, 0, me[0] as number) === 0
        ? Status.done
        : limit === 0
          ? core.tryOnce(this.#place)
          : this.#traced && limit === Number.POSITIVE_INFINITY
            ? await waitTraced(this.#place, this.name, chain.root)
            : await core.wait(this.#place, limit);
    if (status === Status.done) return this.#taken(chain);
    chain.dead = true;
    return this.#settle(status);
  }

  #checkOwner(): void {
    if (this.#owns()) return;
    throw lockError('RLock', this.name, this.locked() ? Status.notOwner : Status.notHeld);
  }

  #release(ends = true): void {
    if (!this.#mine()) throw lockError('RLock', this.name, this.locked() ? Status.notOwner : Status.notHeld);
    if (--this.#depth > 0) return;
    if (ends && this.#owner !== THREAD) this.#owner.dead = true;
    this.#owner = THREAD;
    const self = me[0] as number;
    if (Atomics.compareExchange(this.#words, this.#index, self, 0) !== self) {
      this.#settle(core.lockRelease(this.#place, true));
    }
    if (notified.some) wakeNotified();
  }

  #settle(status: number): boolean {
    if (status === Status.done) return true;
    if (status === Status.timedOut || status === Status.again) return false;
    throw lockError('RLock', this.name, status);
  }
}

travels(RLock, 'RLock', 'lock', (adopted) => new RLock(adopted));
