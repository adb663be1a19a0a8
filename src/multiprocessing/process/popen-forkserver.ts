/**
 * Start method `forkserver`: one clean process, started once, forks all children. They hold nothing of this process's but
 * what their closures bring. The server reads those out of memory files of ours, through /proc.
 */
import { closeSync, readSync, writeSync } from 'node:fs';
import { notSupported } from '../../errors.js';
import { registerInternalAtFork } from '../../posix/at-fork.js';
import { pipe } from '../../posix/descriptors.js';
import type * as Loop from '../../subprocess/loop.js';
import type { SpawnBinding } from '../../subprocess/native.js';
import { sleep } from '../../threading/table.js';
import { ProcessError } from './errors.js';
import { type ChildBinding, native, watching } from './native.js';
import { decodeOutcome } from './outcome.js';
import { OwnChild } from './own-child.js';
import { type Packing, serializeParcel } from './parcel.js';
import type { Outcome, Popen } from './popen.js';
import { whyNoFork } from './popen-fork.js';
import { writeParcel } from './popen-spawn.js';
import { entryFile, startNode } from './program.js';

/** Bytes of a message: two numbers, of 32 bits each. */
export const MESSAGE = 8;
/** Python's, for a child of whose end nobody knows. */
const UNKNOWN_END = 255;
const LONGEST_PAUSE = 20;

interface Server {
  process: OwnChild;
  /** Two descriptors of ours a child: its parcel and its report. */
  requests: number;
  /** The pid, or minus an errno. */
  replies: number;
  /** Pid and exit code of each child that has ended. */
  ends: number;
  watch: number;
}

let server: Server | undefined;
const alive = new Map<number, ServedChild>();

/** A forked process has no claim to its parent's server. */
registerInternalAtFork({
  afterInChild() {
    if (server === undefined) return;
    for (const fd of [server.requests, server.replies, server.ends]) closeSync(fd);
    server = undefined;
    alive.clear();
  },
});

function loop(): typeof Loop {
  return require('../../subprocess/loop.js') as typeof Loop;
}

function ensureServer(system: SpawnBinding): Server {
  if (server !== undefined && server.process.poll() === null) return server;
  const [requestsOut, requests] = pipe();
  const [replies, repliesIn] = pipe();
  const [ends, endsIn] = pipe();
  const theirs = [requestsOut, repliesIn, endsIn];
  try {
    const { pid, pidfd } = startNode(entryFile('forkserver'), theirs.map(String), theirs);
    const watch = system.watchFd(ends);
    server = { process: new OwnChild(pid, -1, pidfd), requests, replies, ends, watch };
    loop().listen(watch, hear);
    arm(server);
  } catch (error) {
    for (const fd of [requests, replies, ends]) closeSync(fd);
    throw error;
  } finally {
    for (const fd of theirs) closeSync(fd);
  }
  return server;
}

const isHeld = (): boolean => [...alive.values()].some(({ held }) => held);

function arm(from: Server): void {
  watching?.armFd(from.watch, false, isHeld());
}

/** Takes in which children have ended. False where the server itself has. */
function takeEnds(from: Server): boolean {
  const message = Buffer.alloc(MESSAGE);
  for (;;) {
    let got: number;
    try {
      got = readSync(from.ends, message);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EAGAIN') return true;
      got = 0;
    }
    if (got < MESSAGE) return false;
    alive.get(message.readInt32LE(0))?.ended(message.readInt32LE(4));
  }
}

function forget(from: Server): void {
  if (server === from) server = undefined;
  loop().unlisten(from.watch);
  watching?.unwatch(from.watch);
  for (const fd of [from.requests, from.replies, from.ends]) closeSync(fd);
  for (const child of [...alive.values()]) child.ended(UNKNOWN_END);
}

function hear(): void {
  if (server === undefined) return;
  if (takeEnds(server)) arm(server);
  else forget(server);
}

class ServedChild implements Popen {
  readonly pid: number;
  held = false;
  #code: number | null = null;
  readonly #report: number;
  #outcome: Outcome | undefined;
  #sentinel = -1;
  #listeners: (() => void)[] = [];

  constructor(pid: number, report: number) {
    this.pid = pid;
    this.#report = report;
    alive.set(pid, this);
  }

  ended(code: number): void {
    if (this.#code !== null) return;
    this.#code = code;
    alive.delete(this.pid);
    this.#outcome = decodeOutcome(native?.takeReport(this.#report));
    if (server !== undefined) arm(server);
    const listeners = this.#listeners;
    this.#listeners = [];
    for (const listener of listeners) listener();
  }

  poll(): number | null {
    if (this.#code === null && server !== undefined && !takeEnds(server)) forget(server);
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
    const deadline = performance.now() + timeout;
    for (let pause = 0.1; this.poll() === null; pause = Math.min(pause * 2, LONGEST_PAUSE)) {
      const left = deadline - performance.now();
      if (left <= 0) return;
      sleep(Math.min(pause, left));
    }
  }

  kill(signal: number): void {
    if (this.poll() === null) watching?.kill(this.pid, signal);
  }

  hold(hold: boolean): void {
    this.held = hold;
    if (server !== undefined && this.#code === null) arm(server);
  }

  sentinel(): number {
    if (this.#sentinel < 0 && this.poll() === null) this.#sentinel = watching?.pidfd(this.pid) ?? -1;
    if (this.#sentinel < 0) {
      const [reader, writer] = pipe();
      closeSync(writer);
      this.#sentinel = reader;
    }
    return this.#sentinel;
  }

  close(): void {
    if (this.#sentinel >= 0) closeSync(this.#sentinel);
    this.#sentinel = -1;
  }
}

function ask(from: ChildBinding, system: SpawnBinding, bytes: Uint8Array): ServedChild {
  const { requests, replies } = ensureServer(system);
  const parcel = writeParcel(from, bytes);
  const report = from.openReport();
  try {
    const message = Buffer.alloc(MESSAGE);
    message.writeInt32LE(parcel, 0);
    message.writeInt32LE(report, 4);
    writeSync(requests, message);
    if (readSync(replies, message) < MESSAGE)
      throw new ProcessError('the fork server has ended', 'ERR_FORKSERVER');
    const pid = message.readInt32LE(0);
    if (pid > 0) return new ServedChild(pid, report);
    throw new ProcessError('the fork server could not fork: it says why on stderr', 'ERR_FORKSERVER');
  } catch (error) {
    system.close(report);
    throw error;
  } finally {
    system.close(parcel);
  }
}

/** Throws `ClosureError`, `ERR_FORKSERVER`, and `ENOTSUP` where `fork` doesn't work. */
export function startForkserver(packing: Packing): Popen {
  const why = whyNoFork();
  if (why !== undefined || native === undefined || watching === undefined) {
    throw notSupported("start method 'forkserver'", why ?? '');
  }
  return ask(native, watching, serializeParcel(packing));
}
