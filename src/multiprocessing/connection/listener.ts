import { randomBytes } from 'node:crypto';
import { lstatSync, unlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isMainThread } from 'node:worker_threads';
import { nativePart } from '../../binding.js';
import { close } from '../../posix/descriptors.js';
import '../../sync/dispose.js';
import { checkInteger, invalidType } from '../../util/check.js';
import { type Address, checkAddress, checkFamily, type Family, resolved } from './address.js';
import { asListener, checkAuthkey } from './authenticate.js';
import { Connection } from './connection.js';
import { closedError } from './errors.js';
import { HANDSHAKE_TIMEOUT, shake, shakeSync } from './handshake.js';
import { native } from './native.js';
import { timeoutOf, type WaitOptions } from './options.js';
import { timedOut, Wait } from './queues.js';
import { READ, Watch } from './watch.js';

/** How to listen. */
export interface ListenerOptions {
  /** Told by the address; without either it is AF_UNIX. */
  family?: Family | undefined;
  /** How many may wait to be accepted; 128 by default. */
  backlog?: number | undefined;
  /** The key that both sides know; without one anybody is accepted. */
  authkey?: string | Uint8Array | undefined;
  /** How long somebody who connects may take to prove that it knows the key, in ms; 10 s by default. */
  handshakeTimeout?: number | undefined;
}

interface Tracker {
  trackFile(path: string): number;
  confirm(id: number, device: number, inode: number): void;
  forget(id: number): void;
}

const BACKLOG = 128;
const SLICE = 100;
const EAGAIN = 11;
const EINTR = 4;

function isAddress(value: unknown): boolean {
  return typeof value === 'string' || Array.isArray(value);
}

function freshPath(): string {
  return join(tmpdir(), `prong-${process.pid}-${randomBytes(6).toString('hex')}.sock`);
}

/**
 * A socket that `Client`s connect to, ours or CPython's. Its file goes away with `close()`, or with the program, however that ends.
 *
 *     await using listener = new Listener(['127.0.0.1', 6000], { authkey: 'secret' });
 *     const connection = await listener.accept();
 *
 * @see Python's `multiprocessing.connection.Listener`
 */
export class Listener implements Disposable, AsyncDisposable {
  #fd: number;
  readonly #authkey: Buffer | undefined;
  readonly #handshake: number;
  #watch: Watch | undefined;
  #accepts: Wait<number>[] = [];
  #file: { path: string; id: number; device: number; inode: number; pid: number } | undefined;
  #lastAccepted: Address | undefined;
  /** The address that clients connect to: the port is the one that was chosen. */
  readonly address: Address;

  /**
   * @param address a path, a name with a null byte before it, or `[host, port]`; without one, a path in the directory for temporary files
   * (AF_INET: any port on 127.0.0.1)
   * @throws the system's `EADDRINUSE`, `EACCES`, `ENAMETOOLONG`...
   */
  constructor(address?: Address, options?: ListenerOptions);
  constructor(options: ListenerOptions & { address?: Address | undefined });
  constructor(
    first?: Address | (ListenerOptions & { address?: Address | undefined }),
    second: ListenerOptions = {},
  ) {
    const named = first !== undefined && first !== null && !isAddress(first);
    if (typeof second !== 'object' || second === null) throw invalidType('options', 'an object', second);
    if (named && typeof first !== 'object')
      throw invalidType('address', 'a path or an array [host, port]', first);
    const options = named ? (first as ListenerOptions) : second;
    const given = named ? (first as { address?: Address }).address : (first as Address | undefined);
    const family = checkFamily(options.family);
    const { backlog = BACKLOG, handshakeTimeout = HANDSHAKE_TIMEOUT } = options;
    checkInteger('options.backlog', backlog, 0, 2 ** 31 - 1);
    this.#handshake = timeoutOf({ timeout: handshakeTimeout });
    this.#authkey = checkAuthkey(options.authkey);
    const fallback =
      family === 'AF_INET' ? ['127.0.0.1', 0] : family === 'AF_INET6' ? ['::1', 0] : freshPath();
    const { host, port } = resolved(checkAddress(given ?? fallback, family));
    const file = port === undefined && host[0] !== '\0';
    const system = native('a Listener');
    const tracker = nativePart<Tracker>('shm');
    const id = file ? tracker!.trackFile(host) : 0;
    try {
      this.#fd = system.listen(host, port, backlog);
    } catch (error) {
      if (file) tracker!.forget(id);
      throw error;
    }
    if (file) {
      const { dev, ino } = lstatSync(host);
      tracker!.confirm(id, dev, ino);
      this.#file = { path: host, id, device: dev, inode: ino, pid: process.pid };
    }
    this.address = native().nameOf(this.#fd, false);
  }

  /** The address of the last client; of an AF_UNIX client, the empty string. */
  get lastAccepted(): Address | undefined {
    return this.#lastAccepted;
  }

  /** Whether `close()` has been called. */
  get closed(): boolean {
    return this.#fd < 0;
  }

  /** The descriptor: readable when somebody is to be accepted, so that `connectionWait` takes a listener. */
  fileno(): number {
    if (this.#fd < 0) throw closedError('listener');
    return this.#fd;
  }

  /**
   * The next client, once it has proved itself where an `authkey` is set. A client that fails to is closed, and the promise rejected: call again.
   * Several may be waited for at once, so that a slow client keeps nobody waiting.
   *
   * @throws `AuthenticationError`, `EOFError` where the client has gone again, `TimeoutError`, `ERR_CLOSED`
   */
  async accept(options?: WaitOptions): Promise<Connection> {
    const ms = timeoutOf(options);
    const deadline = performance.now() + ms;
    const connection = this.#made(await this.#next(ms));
    if (this.#authkey === undefined) return connection;
    const left = Math.max(0, deadline - performance.now());
    await shake(
      connection,
      asListener(this.#authkey),
      Math.min(left, this.#handshake),
      left > this.#handshake,
    );
    return connection;
  }

  /** As `accept`, blocking this thread. */
  acceptSync(options?: WaitOptions): Connection {
    const ms = timeoutOf(options);
    const deadline = performance.now() + ms;
    const connection = this.#made(this.#nextSync(ms, deadline));
    if (this.#authkey === undefined) return connection;
    const left = Math.max(0, deadline - performance.now());
    shakeSync(connection, asListener(this.#authkey), Math.min(left, this.#handshake), left > this.#handshake);
    return connection;
  }

  /** Accepts nobody any more. Connections that were accepted stay. */
  close(): void {
    if (this.#fd < 0) return;
    const fd = this.#fd;
    this.#fd = -1;
    this.#watch?.close();
    this.#watch = undefined;
    close(fd);
    for (const wait of this.#accepts.splice(0)) wait.reject(closedError('listener'));
    this.#removeFile();
  }

  /** As `close()`. */
  [Symbol.dispose](): void {
    this.close();
  }

  /** As `close()`. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.close();
  }

  #removeFile(): void {
    const file = this.#file;
    // A forked child closes its copy; the file is its maker's.
    if (file === undefined || file.pid !== process.pid) return;
    this.#file = undefined;
    try {
      const { dev, ino } = lstatSync(file.path);
      if (dev === file.device && ino === file.inode) unlinkSync(file.path);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    } finally {
      nativePart<Tracker>('shm')!.forget(file.id);
    }
  }

  #made(fd: number): Connection {
    try {
      this.#lastAccepted = native().nameOf(fd, true);
    } catch {
      // It has gone again: whoever receives will find out.
      this.#lastAccepted = undefined;
    }
    return new Connection(fd);
  }

  #take(block: boolean): number | undefined {
    const fd = native().accept(this.fileno(), block);
    if (fd >= 0) return fd;
    if (fd === -EAGAIN || fd === -EINTR) return undefined;
    throw native().errorOf(-fd, 'accept');
  }

  async #next(ms: number): Promise<number> {
    const now = this.#accepts.length === 0 ? this.#take(false) : undefined;
    if (now !== undefined) return now;
    const wait = new Wait<number>(ms, () => {
      this.#accepts.splice(this.#accepts.indexOf(wait), 1);
      this.#update();
      wait.reject(timedOut('nobody connected', ms));
    });
    this.#accepts.push(wait);
    this.#update();
    return wait.promise;
  }

  #nextSync(ms: number, deadline: number): number {
    for (;;) {
      const fd = this.#take(isMainThread && ms === Number.POSITIVE_INFINITY);
      if (fd !== undefined) return fd;
      if (performance.now() >= deadline) throw timedOut('nobody connected', ms);
      const left = Math.min(SLICE, Math.max(0, Math.ceil(deadline - performance.now())));
      native().waitFor([this.#fd], false, left);
    }
  }

  #update(): void {
    if (this.#fd < 0 || (this.#watch === undefined && this.#accepts.length === 0)) return;
    this.#watch ??= new Watch(this.#fd, {
      onReady: () => this.#pump(),
      onFresh: () => void this.#accepts.splice(0),
    });
    this.#watch.want(this.#accepts.length > 0 ? READ : 0);
  }

  #pump(): void {
    while (this.#accepts.length > 0) {
      const [wait] = this.#accepts as [Wait<number>];
      try {
        const fd = this.#take(false);
        if (fd === undefined) return;
        this.#accepts.shift();
        wait.resolve(fd);
      } catch (error) {
        this.#accepts.shift();
        wait.reject(error);
      }
    }
    this.#update();
  }
}
