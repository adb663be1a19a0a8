/** The stream of a program's stdout or stderr. */
import { AsyncResource } from 'node:async_hooks';
import { Readable } from 'node:stream';
import { type LinesOptions, lines } from './lines.js';
import { listen, unlisten } from './loop.js';
import { native } from './native.js';

const CHUNK = 64 * 1024;

/**
 * A Node stream over a pipe. It touches the descriptor only when somebody reads, so that it can be handed to another
 * program instead: `new Popen(args, { stdin: other.stdout })`.
 */
export class PipeReader extends Readable {
  /** The descriptor; -1 once closed or given away. */
  fd: number;
  #watch = 0;
  #held = true;
  #finished = false;
  #resource = new AsyncResource('prong:PipeReader');

  constructor(
    fd: number,
    options: { highWaterMark?: number | undefined; encoding?: BufferEncoding | undefined },
  ) {
    super({ highWaterMark: options.highWaterMark ?? CHUNK, encoding: options.encoding });
    this.fd = fd;
  }

  /** The lines as they come, without their endings, as strings (`encoding: 'buffer'`: as Buffers). Reads no faster than the loop. */
  lines(options: LinesOptions & { encoding: 'buffer' }): AsyncGenerator<Buffer>;
  lines(options?: LinesOptions): AsyncGenerator<string>;
  lines(options: LinesOptions = {}): AsyncGenerator<string | Buffer> {
    return lines(this, options as LinesOptions & { encoding: 'buffer' });
  }

  /** Keep the process alive while this stream is being read (the default), or don't. */
  ref(): this {
    return this.#hold(true);
  }

  unref(): this {
    return this.#hold(false);
  }

  #hold(hold: boolean): this {
    this.#held = hold;
    if (this.#watch !== 0 && !hold) native!.hold(this.#watch, false);
    return this;
  }

  /** Gives the descriptor away: what was read already is returned, and the stream ends. */
  detach(): { fd: number; read: Buffer } {
    const read: Buffer[] = [];
    if (this.readableLength > 0) {
      for (let chunk = this.read(); chunk !== null; chunk = this.read()) {
        read.push(typeof chunk === 'string' ? Buffer.from(chunk, this.readableEncoding ?? 'utf8') : chunk);
      }
    }
    const { fd } = this;
    this.fd = -1;
    this.#unwatch();
    this.#finish();
    this.resume();
    return { fd, read: Buffer.concat(read) };
  }

  /** Nobody has read from it, so that the bare descriptor says all. */
  get untouched(): boolean {
    return this.fd >= 0 && this.#watch === 0 && this.readableLength === 0;
  }

  #finish(): void {
    if (!this.#finished) this.push(null);
    this.#finished = true;
  }

  override _read(): void {
    if (this.fd < 0) {
      this.#finish();
      return;
    }
    try {
      if (this.#watch === 0) {
        this.#watch = native!.watchFd(this.fd);
        listen(this.#watch, () => this.#resource.runInAsyncScope(this.#onReady, this));
      }
      native!.armFd(this.#watch, false, this.#held);
    } catch (error) {
      this.destroy(error as Error);
    }
  }

  #onReady(): void {
    if (this.fd < 0) return;
    try {
      const bytes = native!.read(this.fd, CHUNK);
      if (bytes === null) {
        this._read();
      } else if (bytes.length > 0) {
        this.push(bytes);
      } else {
        this.#close();
        this.#finish();
      }
    } catch (error) {
      this.destroy(error as Error);
    }
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

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    this.#close();
    callback(error);
  }
}
