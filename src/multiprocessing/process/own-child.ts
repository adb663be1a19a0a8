/** Watching a child of this very process: no zombie stays, and nobody else's status is taken. */
import { claimChild } from '../../posix/claims.js';
import { pipe } from '../../posix/descriptors.js';
import type * as Loop from '../../subprocess/loop.js';
import type { SpawnBinding } from '../../subprocess/native.js';
import { native, watching } from './native.js';
import { decodeOutcome } from './outcome.js';
import type { Outcome, Popen } from './popen.js';

const LONGEST_NAP = 50;

// Whoever asked for a sentinel and forgets the process doesn't close it.
const forgotten = new FinalizationRegistry<number>((fd) => watching?.close(fd));

function loop(): typeof Loop {
  return require('../../subprocess/loop.js') as typeof Loop;
}

export class OwnChild implements Popen {
  readonly pid: number;
  #code: number | null = null;
  #report: number;
  #outcome: Outcome | undefined;
  #pidfd: number;
  #watch = 0;
  #timer: NodeJS.Timeout | undefined;
  #held = false;
  #sentinel = -1;
  #listeners: (() => void)[] = [];

  /** `report`: the descriptor of what the child writes at its end, from now on this object's. */
  constructor(pid: number, report: number, pidfd?: number) {
    this.pid = pid;
    this.#report = report;
    const system = watching as SpawnBinding;
    if (pidfd === undefined) claimChild(pid);
    this.#pidfd = pidfd ?? system.pidfd(pid);
    if (this.#pidfd < 0) {
      this.#nap(1);
      return;
    }
    this.#watch = system.watchChild(pid, this.#pidfd);
    loop().listen(this.#watch, (code) => this.#ended(code));
    system.hold(this.#watch, false);
  }

  /** Without a pidfd (Linux before 5.3) there is nothing to wait for but time. */
  #nap(ms: number): void {
    this.#timer = setTimeout(() => {
      this.poll();
      if (this.#code === null) this.#nap(Math.min(ms * 2, LONGEST_NAP));
    }, ms);
    if (!this.#held) this.#timer.unref();
  }

  #ended(code: number): void {
    if (this.#code !== null) return;
    this.#code = code;
    if (this.#watch !== 0) {
      loop().unlisten(this.#watch);
      watching?.unwatch(this.#watch);
      this.#watch = 0;
    }
    this.#pidfd = -1;
    clearTimeout(this.#timer);
    if (this.#report >= 0) this.#outcome = decodeOutcome(native?.takeReport(this.#report));
    this.#report = -1;
    const listeners = this.#listeners;
    this.#listeners = [];
    for (const listener of listeners) listener();
  }

  poll(): number | null {
    if (this.#code === null) {
      const code = watching?.reap(this.pid) ?? null;
      if (code !== null) this.#ended(code);
    }
    return this.#code;
  }

  outcome(): Outcome | undefined {
    return this.#outcome;
  }

  onEnd(listener: () => void): void {
    if (this.#code !== null) listener();
    else this.#listeners.push(listener);
  }

  waitSync(timeout: number): void {
    if (this.#code !== null) return;
    const limit = timeout === Number.POSITIVE_INFINITY ? -1 : timeout;
    const code = watching?.waitSync(this.pid, this.#pidfd, limit) ?? null;
    if (code !== null) this.#ended(code);
  }

  kill(signal: number): void {
    if (this.poll() === null) watching?.kill(this.pid, signal);
  }

  hold(hold: boolean): void {
    this.#held = hold;
    if (this.#watch !== 0) watching?.hold(this.#watch, hold);
    if (hold) this.#timer?.ref();
    else this.#timer?.unref();
  }

  sentinel(): number {
    if (this.#sentinel >= 0) return this.#sentinel;
    if (this.poll() === null) this.#sentinel = watching?.pidfd(this.pid) ?? -1;
    if (this.#sentinel < 0) {
      // The end of a pipe that nobody writes to any more reads as ready, too.
      const [reader, writer] = pipe();
      watching?.close(writer);
      this.#sentinel = reader;
    }
    forgotten.register(this, this.#sentinel, this);
    return this.#sentinel;
  }

  close(): void {
    if (this.#sentinel < 0) return;
    forgotten.unregister(this);
    watching?.close(this.#sentinel);
    this.#sentinel = -1;
  }
}
