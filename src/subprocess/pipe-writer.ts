/** The stream of a program's stdin. */
import { Writable } from 'node:stream';
import { listen, unlisten } from './loop.js';
import { native } from './native.js';

type Done = (error?: Error | null) => void;

/** A Node stream over a pipe. `end()` closes the pipe, and the program sees the end of its input. */
export class PipeWriter extends Writable {
  /** The descriptor; -1 once closed or given away. */
  fd: number;
  #watch = 0;
  #pending: { bytes: Uint8Array; offset: number; done: Done } | undefined;

  constructor(
    fd: number,
    options: { highWaterMark?: number | undefined; encoding?: BufferEncoding | undefined },
  ) {
    super({ highWaterMark: options.highWaterMark, defaultEncoding: options.encoding ?? 'utf8' });
    this.fd = fd;
  }

  /** No write is under way or waiting, so that the bare descriptor says all. */
  get idle(): boolean {
    return this.fd >= 0 && this.writableLength === 0 && !this.writableEnded;
  }

  /** Gives the descriptor away; only while `idle`. */
  detach(): number {
    const { fd } = this;
    this.#unwatch();
    this.fd = -1;
    this.destroy();
    return fd;
  }

  override _write(chunk: Uint8Array, _encoding: string, done: Done): void {
    this.#pending = { bytes: chunk, offset: 0, done };
    this.#advance();
  }

  #advance(): void {
    const pending = this.#pending;
    if (pending === undefined) return;
    try {
      if (this.#watch === 0) {
        // Sets O_NONBLOCK, so before the first write.
        this.#watch = native!.watchFd(this.fd);
        listen(this.#watch, () => this.#advance());
      }
      while (pending.offset < pending.bytes.length) {
        const written = native!.write(this.fd, pending.bytes, pending.offset);
        if (written === 0) {
          native!.armFd(this.#watch, true, true);
          return;
        }
        pending.offset += written;
      }
    } catch (error) {
      this.#pending = undefined;
      pending.done(error as Error);
      return;
    }
    this.#pending = undefined;
    pending.done();
  }

  override _final(done: Done): void {
    this.#close();
    done();
  }

  #unwatch(): void {
    if (this.#watch === 0) return;
    unlisten(this.#watch);
    native!.unwatch(this.#watch);
    this.#watch = 0;
  }

  #close(): void {
    this.#unwatch();
    if (this.fd >= 0) native!.close(this.fd);
    this.fd = -1;
  }

  override _destroy(error: Error | null, done: Done): void {
    this.#close();
    const pending = this.#pending;
    this.#pending = undefined;
    pending?.done(error ?? new Error('The stream was destroyed'));
    done(error);
  }
}
