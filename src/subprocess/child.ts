/** One started program, whoever started it: the addon (native-child.ts) or child_process (src/fallback/subprocess.ts). */
import type { Readable, Writable } from 'node:stream';
import type { Source } from './input.js';
import type { LinesOptions } from './lines.js';

/** A stream of a program's output. */
export interface OutputStream extends Readable {
  /** The lines as they come, without their endings, as strings (`encoding: 'buffer'`: as Buffers). Reads no faster than the loop. */
  lines(options: LinesOptions & { encoding: 'buffer' }): AsyncGenerator<Buffer>;
  /** The lines as strings. */
  lines(options?: LinesOptions): AsyncGenerator<string>;
}

export interface Child {
  readonly pid: number;
  /** `null` while it runs. */
  returncode: number | null;
  /** Calls back in the turn in which `returncode` becomes known. */
  onExit(listener: () => void): void;
  /** Looks whether it has ended. */
  poll(): void;
  /** Blocks until it has ended, or for `timeout` ms. */
  waitSync(timeout: number): void;
  kill(signal: number): void;
  killTree(signal: number): void;
  /** Whether it keeps this process alive. */
  hold(hold: boolean): void;
  /** Throws in a forked process, whose child this isn't. */
  checkOwner(): void;
  /** Our end of a pipe as a stream, made on first use. */
  writer(): Writable;
  reader(which: 1 | 2): OutputStream;
  /** Starts to feed it and to collect what it prints on those pipes that are not pumped. */
  converse(source: Source | undefined): Conversation;
  /** Closes our ends of all pipes. */
  closePipes(): void;
}

/** Feeding a program and collecting its output. It goes on when somebody who waited for it gives up. */
export interface Conversation {
  /** Resolves when all pipes are closed, or too much has come; rejects if the input's iterator throws. */
  start(): Promise<void>;
  /** Blocks. False when time ran out. */
  runSync(timeout: number): boolean;
  /** More was printed than `maxBuffer`. */
  readonly overflown: boolean;
  /** What has come so far. */
  collected(): [Buffer, Buffer];
  /** Gives up on pipes that are still open, and on input not yet written. */
  close(): void;
}
