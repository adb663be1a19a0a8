/** `Popen` over child_process, where there is no addon. What can't be had throws ENOTSUP. */
import { type ChildProcess, spawn } from 'node:child_process';
import { constants } from 'node:os';
import { Readable, type Writable } from 'node:stream';
import { nativeReason } from '../binding.js';
import { notSupported } from '../errors.js';
import type { Child, Conversation, OutputStream } from '../subprocess/child.js';
import { PIPE } from '../subprocess/constants.js';
import type { Source } from '../subprocess/input.js';
import type { Launch } from '../subprocess/launch.js';
import { type LinesOptions, lines } from '../subprocess/lines.js';
import { signalTree } from './process-tree.js';
import { fallbackStart } from './subprocess-options.js';

/** Collects by streams. */
class StreamConversation implements Conversation {
  overflown = false;
  readonly #pieces: [Buffer[], Buffer[]] = [[], []];
  readonly #done: Promise<void>;
  readonly #outputs: Readable[] = [];

  constructor(child: FallbackChild, launch: Launch, source: Source | undefined) {
    const ends: Promise<void>[] = [];
    for (const which of [1, 2] as const) {
      const { mode, pump } = which === 1 ? launch.stdout : launch.stderr;
      if (mode === PIPE && pump === undefined) ends.push(this.#collect(child.reader(which), which, launch));
    }
    if (launch.stdin.mode === PIPE && launch.stdin.pump === undefined) feed(child.writer(), source);
    this.#done = Promise.race([
      Promise.all(ends),
      new Promise<void>((resolve) => (this.#overflow = resolve)),
    ]).then(() => {});
  }

  #overflow: () => void = () => {};

  #collect(stream: Readable, which: 1 | 2, launch: Launch): Promise<void> {
    this.#outputs.push(stream);
    let size = 0;
    return new Promise((resolve) => {
      stream.on('data', (chunk: Buffer | string) => {
        const bytes = typeof chunk === 'string' ? Buffer.from(chunk, launch.text?.encoding) : chunk;
        const room = launch.maxBuffer === 0 ? bytes.length : launch.maxBuffer - size;
        this.#pieces[which - 1]!.push(bytes.subarray(0, room));
        size += bytes.length;
        if (bytes.length <= room) return;
        this.overflown = true;
        this.#overflow();
      });
      stream.once('close', resolve);
      stream.once('end', resolve);
    });
  }

  start(): Promise<void> {
    return this.#done;
  }

  runSync(): boolean {
    throw notSupported(
      'communicateSync() of a Popen',
      `child_process can't wait for it, and ${nativeReason}; use runSync()`,
    );
  }

  collected(): [Buffer, Buffer] {
    return [Buffer.concat(this.#pieces[0]), Buffer.concat(this.#pieces[1])];
  }

  close(): void {
    for (const stream of this.#outputs) stream.destroy();
  }
}

function feed(writer: Writable, source: Source | undefined): void {
  // A program that doesn't want its input is no error.
  writer.on('error', () => {});
  if (source === undefined) writer.end();
  else if (source.kind === 'bytes') writer.end(source.bytes);
  else Readable.from(source.stream as AsyncIterable<unknown>, { objectMode: true }).pipe(writer);
}

class FallbackChild implements Child {
  readonly pid: number;
  returncode: number | null = null;
  readonly #process: ChildProcess;
  readonly #launch: Launch;
  #listeners: (() => void)[] = [];

  constructor(launch: Launch) {
    this.#launch = launch;
    const { command } = launch;
    const { file, args, options } = fallbackStart(launch);
    this.#process = spawn(file, args, options);
    const { pid } = this.#process;
    // Told as an event, too late for a constructor; checkProgram has seen to the usual reasons.
    this.#process.on('error', () => {});
    if (pid === undefined) {
      throw Object.assign(new Error(`EAGAIN: the program could not be started, spawn '${command.file}'`), {
        code: 'EAGAIN',
        errno: -constants.errno.EAGAIN,
        syscall: 'spawn',
        path: command.file,
      });
    }
    this.pid = pid;
    for (const { given } of [launch.stdin, launch.stdout, launch.stderr]) given?.destroy();
    this.#process.once('exit', (code, signal) =>
      this.#ended(signal === null ? code! : -constants.signals[signal]),
    );
  }

  #ended(code: number): void {
    this.returncode = code;
    const listeners = this.#listeners;
    this.#listeners = [];
    for (const listener of listeners) listener();
  }

  onExit(listener: () => void): void {
    if (this.returncode !== null) listener();
    else this.#listeners.push(listener);
  }

  checkOwner(): void {}

  poll(): void {}

  waitSync(): void {
    if (this.returncode !== null) return;
    throw notSupported(
      'waitSync() of a Popen',
      `child_process can't wait for it, and ${nativeReason}; use runSync()`,
    );
  }

  kill(signal: number): void {
    if (this.returncode === null) process.kill(this.pid, signal);
  }

  killTree(signal: number): void {
    if (this.returncode === null) signalTree(this.pid, signal);
  }

  hold(hold: boolean): void {
    if (hold) this.#process.ref();
    else this.#process.unref();
  }

  writer(): Writable {
    return this.#process.stdin!;
  }

  reader(which: 1 | 2): OutputStream {
    const stream = (which === 1 ? this.#process.stdout : this.#process.stderr) as Readable &
      Partial<OutputStream>;
    if (stream.lines === undefined) {
      if (this.#launch.text !== null) stream.setEncoding(this.#launch.text.encoding);
      stream.lines = ((options?: LinesOptions) => lines(stream, options)) as OutputStream['lines'];
    }
    return stream as OutputStream;
  }

  converse(source: Source | undefined): Conversation {
    return new StreamConversation(this, this.#launch, source);
  }

  closePipes(): void {
    for (const stream of [this.#process.stdin, this.#process.stdout, this.#process.stderr]) stream?.destroy();
  }
}

/** @throws ENOTSUP; ENOENT, EACCES, ENOTDIR, EAGAIN */
export function startFallback(launch: Launch): Child {
  return new FallbackChild(launch);
}
