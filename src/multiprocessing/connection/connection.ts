/** One end of a connection. */
import { inspect } from 'node:util';
import { ProngError } from '../../errors.js';
import '../../sync/dispose.js';
import { checkBoolean, checkInteger, invalidType } from '../../util/check.js';
import { EOFError } from './errors.js';
import { makeTravel, registerConnection } from './handle.js';
import { Link } from './link.js';
import { scratch } from './native.js';
import {
  bytesOf,
  maxlengthOf,
  pollTimeoutOf,
  type RecvBytesOptions,
  type SendBytesOptions,
  timeoutOf,
  type WaitOptions,
} from './options.js';
import { decode, encode } from './values.js';

/** What a descriptor is good for. */
export interface ConnectionOptions {
  /** Whether it receives; `true` by default. */
  readable?: boolean | undefined;
  /** Whether it sends; `true` by default. */
  writable?: boolean | undefined;
}

const links = new WeakMap<object, Link>();

/** @internal What is behind a connection. */
export function linkOf(connection: object): Link | undefined {
  return links.get(connection);
}

/** Copies what lies in the memory that the next message overwrites. */
function toBuffer(bytes: Uint8Array): Buffer {
  return bytes.buffer === scratch.buffer ? Buffer.from(bytes) : (bytes as Buffer);
}

/**
 * One end of a connection to a thread, a process, or a program in Python: `Pipe()`, `Client()` and `Listener.accept()`
 * make them. Values go by `send` and `recv`, bytes by `sendBytes` and `recvBytes` in CPython's format.
 *
 * The promise forms never block the event loop; results come in the order of the calls. The `Sync` forms block this thread.
 *
 * Errors: `EOFError` (`EOF`) once the other end is closed and everything has been received, `EPIPE` or `ECONNRESET` where nobody is
 * there to receive, `ETIMEDOUT` (`TimeoutError`) when time runs out, `ERR_CLOSED` on a closed connection,
 * `EBADMSG` where what arrives is no message, `EMSGSIZE` for one above `maxlength`.
 *
 * @see Python's `multiprocessing.connection.Connection`
 */
export class Connection implements Disposable, AsyncDisposable {
  readonly #link: Link;
  readonly #readable: boolean;
  readonly #writable: boolean;

  /**
   * @param fd a stream socket or pipe; the connection owns it from now on
   * @throws `ENOTSUP` without the native addon
   */
  constructor(fd: number, options: ConnectionOptions = {}) {
    checkInteger('fd', fd, 0, 2 ** 31 - 1);
    if (typeof options !== 'object' || options === null) throw invalidType('options', 'an object', options);
    const { readable = true, writable = true } = options;
    checkBoolean('options.readable', readable);
    checkBoolean('options.writable', writable);
    this.#link = new Link(fd);
    this.#readable = readable;
    this.#writable = writable;
    links.set(this, this.#link);
    makeTravel(this, () => ({ fd: this.fileno(), readable: this.#readable, writable: this.#writable }));
  }

  /** Whether `close()` has been called. */
  get closed(): boolean {
    return this.#link.fd < 0;
  }

  /** Whether it can receive. */
  get readable(): boolean {
    return this.#readable;
  }

  /** Whether it can send. */
  get writable(): boolean {
    return this.#writable;
  }

  /** The descriptor; it stays the connection's. Throws `ERR_CLOSED` on a closed one. */
  fileno(): number {
    this.#link.check();
    return this.#link.fd;
  }

  /** Closes it. What waits for it ends with `ERR_CLOSED`; what has not been handed to the system is not sent. */
  close(): void {
    this.#link.close();
  }

  /** Sends a value: what the structured clone algorithm takes, and primitives and connections in it. */
  async send(value: unknown, options?: WaitOptions): Promise<void> {
    const ms = timeoutOf(options);
    this.#checkWritable();
    const { bytes, fds } = this.#encode(value);
    return this.#link.transmit(bytes, fds, ms, true);
  }

  /** As `send`, blocking this thread. */
  sendSync(value: unknown, options?: WaitOptions): void {
    const ms = timeoutOf(options);
    this.#checkWritable();
    const { bytes, fds } = this.#encode(value);
    this.#link.transmitSync(bytes, fds, ms);
  }

  /** Sends bytes as one message; a string as UTF-8. Leave them as they are until the promise has settled. */
  async sendBytes(
    bytes: string | ArrayBuffer | NodeJS.ArrayBufferView,
    options?: SendBytesOptions,
  ): Promise<void> {
    const part = bytesOf(bytes, options);
    const ms = timeoutOf(options);
    this.#checkWritable();
    return this.#link.transmit(part, undefined, ms, false);
  }

  /** As `sendBytes`, blocking this thread. */
  sendBytesSync(bytes: string | ArrayBuffer | NodeJS.ArrayBufferView, options?: SendBytesOptions): void {
    const part = bytesOf(bytes, options);
    const ms = timeoutOf(options);
    this.#checkWritable();
    this.#link.transmitSync(part, undefined, ms);
  }

  /** The next value. */
  async recv(options?: WaitOptions): Promise<unknown> {
    this.#checkReadable();
    return this.#link.receive(this.#decode, maxlengthOf(undefined, ''), timeoutOf(options));
  }

  /** As `recv`, blocking this thread. */
  recvSync(options?: WaitOptions): unknown {
    this.#checkReadable();
    return this.#link.receiveSync(this.#decode, maxlengthOf(undefined, ''), timeoutOf(options));
  }

  /** The next message's bytes. */
  recvBytes(maxlength: number, options?: WaitOptions): Promise<Buffer>;
  recvBytes(options?: RecvBytesOptions): Promise<Buffer>;
  async recvBytes(first?: number | RecvBytesOptions, options?: WaitOptions): Promise<Buffer> {
    const [limit, ms] = this.#recvArguments(first, options);
    this.#checkReadable();
    return this.#link.receive(toBuffer, limit, ms) as Promise<Buffer>;
  }

  /** As `recvBytes`, blocking this thread. */
  recvBytesSync(maxlength: number, options?: WaitOptions): Buffer;
  /** As `recvBytes`, blocking this thread. */
  recvBytesSync(options?: RecvBytesOptions): Buffer;
  recvBytesSync(first?: number | RecvBytesOptions, options?: WaitOptions): Buffer {
    const [limit, ms] = this.#recvArguments(first, options);
    this.#checkReadable();
    return this.#link.receiveSync(toBuffer, limit, ms) as Buffer;
  }

  /**
   * Whether there is something to receive, the end included. Without options it answers at once, as Python's; with a `timeout` it
   * waits, and `{ timeout: undefined }` waits for ever.
   */
  async poll(options?: WaitOptions | number): Promise<boolean> {
    const ms = pollTimeoutOf(options);
    this.#checkReadable();
    return this.#link.poll(ms);
  }

  /** As `poll`, blocking this thread. */
  pollSync(options?: WaitOptions | number): boolean {
    const ms = pollTimeoutOf(options);
    this.#checkReadable();
    return this.#link.pollSync(ms);
  }

  /** The values until the end. */
  async *[Symbol.asyncIterator](): AsyncGenerator<unknown, void, void> {
    for (;;) {
      let value: unknown;
      try {
        value = await this.recv();
      } catch (error) {
        if (error instanceof EOFError) return;
        throw error;
      }
      yield value;
    }
  }

  /** As `close()`. */
  [Symbol.dispose](): void {
    this.close();
  }

  /** As `close()`. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.close();
  }

  /** @internal */
  [inspect.custom](): string {
    const ways = [this.#readable && 'readable', this.#writable && 'writable'].filter(Boolean);
    return `Connection { ${this.#link.fd < 0 ? 'closed' : ['fd', this.#link.fd, ...ways].join(' ')} }`;
  }

  #recvArguments(first: number | RecvBytesOptions | undefined, options: WaitOptions | undefined) {
    if (typeof first === 'number') return [maxlengthOf(first, 'maxlength'), timeoutOf(options)] as const;
    const ms = timeoutOf(first);
    return [maxlengthOf(first?.maxlength, 'options.maxlength'), ms] as const;
  }

  #checkReadable(): void {
    this.#link.check();
    if (!this.#readable) throw new ProngError('EBADF', 'this connection is write-only');
  }

  #checkWritable(): void {
    this.#link.check();
    if (!this.#writable) throw new ProngError('EBADF', 'this connection is read-only');
  }

  #encode(value: unknown): { bytes: Uint8Array; fds: number[] | undefined } {
    const fds: number[] | undefined = this.#link.native.isLocal(this.#link.channel) ? [] : undefined;
    const bytes = encode(value, fds);
    return { bytes, fds: fds !== undefined && fds.length > 0 ? fds : undefined };
  }

  #decode = (bytes: Uint8Array): unknown => {
    const { native, channel } = this.#link;
    return decode(bytes, native.takeFds(channel));
  };
}

registerConnection(Connection, (fd, options) => new Connection(fd, options));
