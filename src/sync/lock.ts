import { OwnerDiedError, ThreadError } from '../errors.js';
import { checkBoolean, checkString, invalidValue } from '../util/check.js';
import { Acquirable, limitOf, type TimeoutOptions } from './acquirable.js';
import { type Chain, enterChain } from './call-chain.js';
import { core, ID_MASK, Status } from './core.js';
import { isTraced, noteTaken, waitSyncTraced, waitTraced } from './deadlock.js';
import { Adopted, travels } from './shared-object.js';

export interface LockOptions {
  /** What messages and `console.log` call it. */
  name?: string | undefined;
  /** `'take'` (default): the next acquirer gets a dead holder's lock. `'throw'`: it gets `OwnerDiedError` instead. */
  onOwnerDied?: 'take' | 'throw' | undefined;
  /** Throw `DeadlockError` instead of waiting for ever. Default: the environment variable `PRONG_DETECT_DEADLOCK` is 1. */
  detectDeadlock?: boolean | undefined;
}

/** @internal Whether this thread has notified a condition since it last released a lock. */
export const notified = { some: false };

/** @internal Whoever was notified needs the lock: woken before its release, it would only fall asleep again. */
export function wakeNotified(): void {
  notified.some = false;
  core.wakeNotified();
}

/** @internal Checks that the caller holds a lock; what it returns releases it and says how to get it back. */
export const giveUp = Symbol('giveUp');
export interface Regain {
  sync(): void;
  async(): Promise<void>;
}

const THROW_ON_DEATH = 1;
const TRACED = 2;

const { me } = core;

/** The native bit set of a lock's options. */
export function lockBits(options: LockOptions): number {
  const { name, onOwnerDied = 'take', detectDeadlock = process.env.PRONG_DETECT_DEADLOCK === '1' } = options;
  if (name !== undefined) checkString('options.name', name);
  if (onOwnerDied !== 'take' && onOwnerDied !== 'throw') {
    throw invalidValue('options.onOwnerDied', "must be 'take' or 'throw'", onOwnerDied);
  }
  checkBoolean('options.detectDeadlock', detectDeadlock);
  return (onOwnerDied === 'throw' ? THROW_ON_DEATH : 0) | (detectDeadlock ? TRACED : 0);
}

/**
 * A lock between threads and processes: Python's `threading.Lock` and `multiprocessing.Lock` in one. Whoever holds it,
 * any thread or process may release it. It survives the death of its holder.
 */
export class Lock extends Acquirable {
  readonly name: string | undefined;
  readonly #words: Int32Array;
  readonly #index: number;
  readonly #place;
  readonly #traced: boolean;
  #chain: Chain | undefined;

  constructor(options: LockOptions | Adopted = {}) {
    const adopted = options instanceof Adopted ? options : undefined;
    const place = adopted?.place ?? core.create('lock', lockBits(options as LockOptions));
    super(place, 'Lock', adopted === undefined);
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
      if (this.#traced) return this.#acquireTraced(enterChain(), limit);
      if (Atomics.compareExchange(this.#words, this.#index, 0, me[0] as number) === 0)
        return Promise.resolve(true);
      if (limit === 0) return Promise.resolve(this.#settle(core.tryOnce(this.#place)));
      return core.wait(this.#place, limit).then((status) => this.#settle(status));
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /** Acquires, blocking this thread. `false` when `timeout` ms have passed. */
  acquireSync(options?: TimeoutOptions): boolean {
    if (
      options === undefined &&
      Atomics.compareExchange(this.#words, this.#index, 0, me[0] as number) === 0
    ) {
      return !this.#traced || this.#noted();
    }
    const limit = limitOf(options);
    if (!this.#traced) return this.#settle(core.waitSync(this.#place, limit));
    const endless = limit === Number.POSITIVE_INFINITY;
    const status = endless ? waitSyncTraced(this.#place, this.name) : core.waitSync(this.#place, limit);
    return this.#settle(status) && this.#noted();
  }

  /** Acquires if nobody holds it. */
  tryAcquire(): boolean {
    if (Atomics.compareExchange(this.#words, this.#index, 0, me[0] as number) !== 0) {
      if (!this.#settle(core.tryOnce(this.#place))) return false;
    }
    return !this.#traced || this.#noted();
  }

  /** Releases it, whoever acquired it. Throws `ThreadError` where nobody holds it. */
  release(): void {
    const self = me[0] as number;
    if (this.#traced) this.#forget();
    if (Atomics.compareExchange(this.#words, this.#index, self, 0) !== self) {
      this.#settle(core.lockRelease(this.#place, false));
    }
    if (notified.some) wakeNotified();
  }

  /** Whether somebody holds it, dead or alive. */
  locked(): boolean {
    return (Atomics.load(this.#words, this.#index) & (ID_MASK | 0x40000000)) !== 0;
  }

  /** Whether the present holder took over from one that died, or, with `onOwnerDied: 'throw'`, `recover()` is due. */
  get ownerDied(): boolean {
    return Atomics.load(this.#words, this.#index) < 0;
  }

  /** Makes a lock usable again that answered with `OwnerDiedError`. Throws `ThreadError` where there is no need. */
  recover(): void {
    const status = core.lockRecover(this.#place);
    if (status === Status.notHeld) throw new ThreadError('this lock needs no recovery', 'ERR_NOT_OWNER_DIED');
    this.#settle(status);
  }

  /** Ends the use of it everywhere: from here on, and for those who wait, every call throws `ThreadError`. */
  destroy(): void {
    core.destroy(this.#place);
  }

  /** @internal Condition: who waits needs the lock held, and gets back what it gave. */
  [giveUp](): () => Regain {
    if (!this.locked())
      throw new ThreadError('wait() needs the lock of the condition to be held', 'ERR_NOT_HELD');
    return () => {
      this.release();
      return { sync: () => void this.acquireSync(), async: async () => void (await this.acquire()) };
    };
  }

  /** @internal */
  protected override describe(): string {
    return `${this.name === undefined ? '' : `name: '${this.name}', `}locked: ${this.locked()}`;
  }

  async #acquireTraced(chain: Chain, limit: number): Promise<boolean> {
    try {
      const endless = limit === Number.POSITIVE_INFINITY;
      // The wait is the chain's that it comes from; a new one has nothing yet that others could wait for.
      const status =
        Atomics.compareExchange(this.#words, this.#index, 0, me[0] as number) === 0
          ? Status.done
          : endless
            ? await waitTraced(this.#place, this.name, chain.root)
            : await core.wait(this.#place, limit);
      if (!this.#settle(status)) {
        chain.dead = true;
        return false;
      }
    } catch (error) {
      chain.dead = true;
      throw error;
    }
    this.#chain = chain;
    noteTaken(this.#place, this.name, chain.root);
    return true;
  }

  #noted(): true {
    noteTaken(this.#place, this.name, 0);
    return true;
  }

  #forget(): void {
    if (this.#chain !== undefined) this.#chain.dead = true;
    this.#chain = undefined;
  }

  #settle(status: number): boolean {
    if (status === Status.done) return true;
    if (status === Status.timedOut || status === Status.again) return false;
    throw lockError('Lock', this.name, status);
  }
}

/** The error for a status that is neither success nor lack of time. */
export function lockError(kind: string, name: string | undefined, status: number): Error {
  const what = name === undefined ? `this ${kind}` : `${kind} '${name}'`;
  switch (status) {
    case Status.ownerDied:
      return new OwnerDiedError(`the holder of ${what} died; call recover() when its data is sound again`);
    case Status.destroyed:
      return new ThreadError(`${what} has been destroyed`, 'ERR_DESTROYED');
    case Status.notHeld:
      return new ThreadError(`release of ${what}, which nobody holds`, 'ERR_NOT_HELD');
    case Status.notOwner:
      return new ThreadError(`${what} is held by somebody else`, 'ERR_NOT_OWNER');
    default:
      return Object.assign(new Error('ENOMEM: too many waits at a time'), { code: 'ENOMEM' });
  }
}

travels(Lock, 'Lock', 'lock', (adopted) => new Lock(adopted));
