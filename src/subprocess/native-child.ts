/** A program started by the addon. */
import type { Child, Conversation } from './child.js';
import { PIPE } from './constants.js';
import type { Source } from './input.js';
import type { Launch } from './launch.js';
import { listen, unlisten } from './loop.js';
import { native } from './native.js';
import { NativeConversation } from './native-conversation.js';
import { PipeReader } from './pipe-reader.js';
import { PipeWriter } from './pipe-writer.js';
import { startByFork } from './preexec.js';

// [pid, pidfd, stdin, stdout, stderr], filled in by the native side.
const result = new Int32Array(5);

// A Popen that nobody holds any more, and whose program has ended, must not keep its pipes.
const abandoned = new FinalizationRegistry<Int32Array>((fds) => {
  for (const fd of fds) if (fd >= 0) native!.close(fd);
});

const LONGEST_NAP = 50;

const said = Promise.resolve();

/** Where there are no pipes, or no more. */
function nothingToSay(read: [Buffer, Buffer]): Conversation {
  return { overflown: false, start: () => said, runSync: () => true, collected: () => read, close: () => {} };
}

export class NativeChild implements Child {
  readonly pid: number;
  returncode: number | null = null;
  readonly #owner = process.pid;
  readonly #launch: Launch;
  readonly #pidfd: number;
  /** Our ends; -1 where there is none, or a stream or a conversation has it. */
  readonly #fds: Int32Array;
  #watch = 0;
  #timer: NodeJS.Timeout | undefined;
  #held = true;
  #listeners: (() => void)[] = [];
  #writer: PipeWriter | undefined;
  readonly #readers: (PipeReader | undefined)[] = [undefined, undefined, undefined];
  #conversation: NativeConversation | undefined;

  constructor(launch: Launch) {
    this.#launch = launch;
    if (launch.preexecFn === undefined) native!.start(launch.spec, result);
    else startByFork(launch, result);
    this.pid = result[0]!;
    this.#pidfd = result[1]!;
    this.#fds = result.slice(2);
    if (result[2]! >= 0 || result[3]! >= 0 || result[4]! >= 0) abandoned.register(this, this.#fds);
    for (const { given } of [launch.stdin, launch.stdout, launch.stderr]) given?.destroy();
    if (this.#pidfd >= 0) {
      this.#watch = native!.watchChild(this.pid, this.#pidfd);
      listen(this.#watch, (code) => this.#ended(code));
    } else {
      this.#nap(1);
    }
  }

  /** Without a pidfd (Linux before 5.3) there is nothing to wait for but time. */
  #nap(ms: number): void {
    this.#timer = setTimeout(() => {
      this.poll();
      if (this.returncode === null) this.#nap(Math.min(ms * 2, LONGEST_NAP));
    }, ms);
    if (!this.#held) this.#timer.unref();
  }

  #ended(code: number): void {
    this.returncode = code;
    if (this.#watch !== 0) {
      unlisten(this.#watch);
      native!.unwatch(this.#watch);
      this.#watch = 0;
    }
    clearTimeout(this.#timer);
    const listeners = this.#listeners;
    this.#listeners = [];
    for (const listener of listeners) listener();
  }

  onExit(listener: () => void): void {
    if (this.returncode !== null) listener();
    else this.#listeners.push(listener);
  }

  checkOwner(): void {
    if (process.pid === this.#owner) return;
    const message =
      'ECHILD: no child processes, this program was started before the fork, by the parent, wait';
    throw Object.assign(new Error(message), { code: 'ECHILD', errno: -10, syscall: 'wait' });
  }

  poll(): void {
    if (this.returncode !== null || process.pid !== this.#owner) return;
    const code = native!.reap(this.pid);
    if (code !== null) this.#ended(code);
  }

  waitSync(timeout: number): void {
    if (this.returncode !== null) return;
    this.checkOwner();
    const code = native!.waitSync(this.pid, this.#pidfd, timeout === Number.POSITIVE_INFINITY ? -1 : timeout);
    if (code !== null) this.#ended(code);
  }

  kill(signal: number): void {
    this.poll();
    if (this.returncode === null) native!.kill(this.pid, signal);
  }

  killTree(signal: number): void {
    this.poll();
    const alive = this.returncode === null;
    const fds = [...this.#fds, this.#writer?.fd ?? -1, ...this.#readers.map((reader) => reader?.fd ?? -1)];
    const exchange = this.#conversation?.id ?? 0;
    const pidfd = alive ? this.#pidfd : -1;
    native!.killTree(this.pid, pidfd, alive, this.#launch.leadsGroup, signal, exchange, ...fds);
  }

  hold(hold: boolean): void {
    this.#held = hold;
    if (this.#watch !== 0) native!.hold(this.#watch, hold);
    if (hold) this.#timer?.ref();
    else this.#timer?.unref();
  }

  #take(which: 0 | 1 | 2): number {
    const fd = this.#fds[which]!;
    this.#fds[which] = -1;
    return fd;
  }

  writer(): PipeWriter {
    this.#writer ??= new PipeWriter(this.#take(0), {
      highWaterMark: this.#launch.highWaterMark,
      encoding: this.#launch.text?.encoding,
    });
    return this.#writer;
  }

  reader(which: 1 | 2): PipeReader {
    this.#readers[which] ??= new PipeReader(this.#take(which), {
      highWaterMark: this.#launch.highWaterMark,
      encoding: this.#launch.text?.encoding,
    });
    return this.#readers[which];
  }

  converse(source: Source | undefined): Conversation {
    const { stdin, stdout, stderr, text, maxBuffer } = this.#launch;
    const none = Buffer.alloc(0);
    const collect = (which: 1 | 2, wanted: boolean) => {
      const reader = this.#readers[which];
      if (!wanted) return { fd: -1, read: none };
      return reader === undefined ? { fd: this.#take(which), read: none } : reader.detach();
    };
    const out = collect(1, stdout.mode === PIPE && stdout.pump === undefined);
    const err = collect(2, stderr.mode === PIPE && stderr.pump === undefined);
    let input = -1;
    let writer: PipeWriter | undefined;
    if (stdin.mode === PIPE && stdin.pump === undefined) {
      if (this.#writer === undefined) input = this.#take(0);
      else if (this.#writer.idle) input = this.#writer.detach();
      else writer = this.#writer;
    }
    if (input < 0 && out.fd < 0 && err.fd < 0 && writer === undefined)
      return nothingToSay([out.read, err.read]);
    this.#conversation = new NativeConversation(
      this,
      { fds: [input, out.fd, err.fd], read: [out.read, err.read], writer },
      source,
      text,
      maxBuffer,
    );
    return this.#conversation;
  }

  closePipes(): void {
    for (const which of [0, 1, 2] as const) {
      const fd = this.#take(which);
      if (fd >= 0) native!.close(fd);
    }
    this.#writer?.destroy();
    for (const reader of this.#readers) reader?.destroy();
    this.#conversation?.close();
  }
}
