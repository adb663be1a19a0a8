/**
 * The double fork. Three processes: the original one, which a shell waits for; one between, which leads a session, tells
 * the original what became of the daemon, and ends; and the daemon, which belongs to init and can never get a terminal.
 */
import { writeSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { inspect } from 'node:util';
import { ProngError } from '../errors.js';
import { registerInternalAtFork } from '../posix/at-fork.js';
import { setpdeathsig } from '../posix/death-signal.js';
import { close, pipe, read, write } from '../posix/descriptors.js';
import { _exit } from '../posix/exit.js';
import { forkSuccessor } from '../posix/fork.js';
import { getpid, getppid, setsid } from '../posix/identity.js';
import { openFileStreams } from '../posix/repair/file-streams.js';
import { signalNumber } from '../posix/signal-names.js';
import { waitpidSync } from '../posix/wait.js';
import { native, system } from './native.js';

const MOST_TEXT = 32_768;
const DRAIN_LIMIT = 10_000;
const GONE_LIMIT = 10_000;
const SIGNALLED = 128;
const READY = '\0';
const INTERRUPTIONS = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'] as const;

/** The daemon's way to tell those who wait for it. */
export class Launch {
  #report: number | undefined;
  #original: number | undefined;
  readonly #between: number;
  #room = MOST_TEXT;
  readonly #monitor = (error: unknown) => this.tell(Buffer.from(`${inspect(error)}\n`));

  constructor(report: number, original: number, between: number) {
    this.#report = report;
    this.#original = original;
    this.#between = between;
    launches.add(this);
    process.on('uncaughtExceptionMonitor', this.#monitor);
  }

  /** Descriptors it needs until the daemon is ready. */
  get descriptors(): number[] {
    return [this.#report, this.#original].filter((fd) => fd !== undefined);
  }

  /** What the shell will see if the daemon fails. */
  tell(text: Buffer): void {
    if (this.#report === undefined || this.#room <= 0) return;
    const part = text.subarray(0, this.#room);
    this.#room -= part.length;
    this.#write(part);
  }

  #write(bytes: Uint8Array): void {
    try {
      if (this.#report !== undefined) write(this.#report, bytes);
    } catch {
      // Whoever waited is gone.
    }
  }

  /** Lets those who wait end with exit code 0. */
  ready(): void {
    if (this.#report !== undefined) setpdeathsig(0);
    this.#write(Buffer.from(READY));
    this.leave();
  }

  /** In a forked child, too: the launcher waits for the daemon and for nobody else. */
  leave(): void {
    process.off('uncaughtExceptionMonitor', this.#monitor);
    launches.delete(this);
    if (this.#report !== undefined) close(this.#report);
    this.#report = undefined;
  }

  /** Resolves once the original process is gone and the daemon belongs to init. */
  async alone(): Promise<void> {
    const original = this.#original;
    if (original === undefined) return;
    const end = performance.now() + GONE_LIMIT;
    const isAlone = () => system('daemonize()').hasEnded(original, 0) && getppid() !== this.#between;
    // A process that somebody stopped may never end.
    while (!isAlone() && performance.now() < end) await setTimeout(1);
    this.#original = undefined;
    close(original);
  }
}

const launches = new Set<Launch>();

if (native !== undefined) {
  registerInternalAtFork({
    afterInChild() {
      for (const launch of launches) launch.leave();
    },
  });
}

function* buffered(): Generator<{ writableLength: number }> {
  yield process.stdout;
  yield process.stderr;
  yield* openFileStreams();
}

/** The original process won't come back to its event loop: what is on its way out goes first. */
export async function drainOutput(): Promise<void> {
  const end = performance.now() + DRAIN_LIMIT;
  while ([...buffered()].some((stream) => stream.writableLength > 0)) {
    if (performance.now() > end)
      throw new ProngError('EBUSY', 'daemonize(): output is still queued after 10 s');
    await setTimeout(1);
  }
}

function say(text: string): void {
  try {
    writeSync(2, text);
  } catch {
    // There is nobody to tell.
  }
}

/** Nobody waits any more: a start that was interrupted has not happened. */
function takeBack(daemon: number): never {
  const ending = system('daemonize()').pidfdOpen(daemon);
  process.kill(daemon, 'SIGTERM');
  const end = performance.now() + GONE_LIMIT;
  while (!system('daemonize()').hasEnded(ending, 1000)) {
    if (performance.now() > end) process.kill(daemon, 'SIGKILL');
  }
  _exit(1);
}

/** The process between: waits until the daemon is ready or has ended, and ends with its code. */
function supervise(report: number, daemon: number, original: number): never {
  const chunks: Uint8Array[] = [];
  for (;;) {
    if (system('daemonize()').firstReadable([report, original]) === 1) takeBack(daemon);
    const chunk = read(report, MOST_TEXT);
    if (chunk.length === 0) break;
    if (chunk.at(-1) === 0) _exit(0);
    chunks.push(chunk);
  }
  const { exitCode, signal } = waitpidSync(daemon);
  const text = Buffer.concat(chunks).toString();
  say(text);
  if (signal !== null) {
    say(`the daemon was ended by ${signal} before it was ready\n`);
    _exit(SIGNALLED + signalNumber(signal));
  }
  if (text === '') say(`the daemon ended with exit code ${exitCode} before it was ready\n`);
  _exit(exitCode || 1);
}

function stopListening(): () => void {
  const taken = INTERRUPTIONS.map((signal) => [signal, process.rawListeners(signal)] as const);
  for (const [signal] of taken) process.removeAllListeners(signal);
  return () => {
    for (const [signal, listeners] of taken)
      for (const listener of listeners) process.on(signal, listener as NodeJS.SignalsListener);
  };
}

/** Returns in the daemon only. `settled` runs in the original process before it ends with that code. */
export function launch(settled?: (code: number) => void): Launch {
  const original = system('daemonize()').pidfdOpen(getpid());
  const [reports, report] = pipe();
  const giveUp = () => {
    for (const fd of [original, reports, report]) close(fd);
  };
  // The original's handlers won't run any more: what would interrupt it ends it, and the one between sees that. Before
  // the fork, or one that comes just after it would be caught and lost.
  const listenAgain = stopListening();
  let first: number;
  try {
    first = forkSuccessor();
  } catch (error) {
    listenAgain();
    giveUp();
    throw error;
  }
  if (first > 0) {
    // Or the one between would never see the daemon's end close.
    giveUp();
    const { exitCode, signal } = waitpidSync(first);
    const code = exitCode ?? SIGNALLED + signalNumber(signal);
    settled?.(code);
    _exit(code);
  }
  setsid();
  listenAgain();
  const between = getpid();
  let daemon: number;
  try {
    daemon = forkSuccessor();
  } catch (error) {
    say(`${(error as Error).message}\n`);
    _exit(1);
  }
  if (daemon > 0) {
    close(report);
    supervise(reports, daemon, original);
  }
  close(reports);
  // Until it is ready: the one between could be killed, too.
  setpdeathsig('SIGTERM');
  if (getppid() !== between) _exit(1);
  return new Launch(report, original, between);
}
