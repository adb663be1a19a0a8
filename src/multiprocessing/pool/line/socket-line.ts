/** A line between processes: a pair of sockets, values in prong's own encoding. */
import { registerInternalAtFork } from '../../../posix/at-fork.js';
import { close as closeFd } from '../../../posix/descriptors.js';
import { BLOCK, map, pack, unmap } from '../../connection/block.js';
import { type Channel, Got, native, scratch } from '../../connection/native.js';
import { decodeWithBlocks, encodeWithBlocks } from '../../connection/values.js';
import { READ, Watch, type Watcher, WRITE } from '../../connection/watch.js';
import type { Line, LineEvents } from './line.js';

interface Pending {
  bytes: Uint8Array;
  position: number;
  fds: number[] | undefined;
}

/** So many messages are taken in before anything else has its turn. */
const AT_ONCE = 64;
const HEADER = 4;
const LONG_HEADER = 12;
const LONGEST_SHORT = 0x7fffffff;
const NO_LIMIT = Number.MAX_SAFE_INTEGER;
/** Stands for a message that is in the block that comes with it. No message is so short. */
const IN_BLOCK = Buffer.from([0]);

const open = new Set<SocketLine>();
let hooked = false;

/** After the hooks of what it stands on. A forked process has nothing to say on its parent's lines. */
function hook(): void {
  if (hooked) return;
  hooked = true;
  registerInternalAtFork({
    afterInChild() {
      for (const line of [...open]) line.close();
    },
  });
}

export class SocketLine implements Line, Watcher {
  readonly fd: number;
  readonly #native = native('a Pool');
  readonly #channel: Channel;
  readonly #watch: Watch;
  readonly #on: LineEvents;
  readonly #out: Pending[] = [];
  #held = false;
  #open = true;

  /** `fd` is the line's from now on. */
  constructor(fd: number, on: LineEvents) {
    this.fd = fd;
    this.#on = on;
    this.#channel = this.#native.open(fd);
    this.#watch = new Watch(fd, this);
    open.add(this);
    hook();
  }

  get isOpen(): boolean {
    return this.#open;
  }

  get sending(): boolean {
    return this.#out.length > 0;
  }

  send(message: readonly unknown[]): void {
    if (!this.#open) return;
    const fds: number[] = [];
    const bytes = inBlock(encodeWithBlocks(message, fds), fds);
    const pending: Pending = { bytes, position: 0, fds: fds.length > 0 ? fds : undefined };
    if (this.#out.length === 0 && this.#write(pending)) return;
    if (!this.#open) return;
    // The bytes are good for this turn only.
    if (bytes !== IN_BLOCK) pending.bytes = Uint8Array.prototype.slice.call(bytes);
    this.#out.push(pending);
    this.#want();
  }

  /** Whether all of it is sent. */
  #write(pending: Pending): boolean {
    const { bytes, fds } = pending;
    const got = this.#native.send(this.#channel, bytes, pending.position, fds, false);
    if (got < Got.errors) {
      // Nobody is there to read: that is heard of on the reading side, with what it still had to say.
      for (const fd of fds ?? []) closeFd(fd);
      this.#out.length = 0;
      this.#want();
      return true;
    }
    if (got > pending.position) pending.position = got;
    if (pending.position > 0) {
      for (const fd of fds ?? []) closeFd(fd);
      pending.fds = undefined;
    }
    return pending.position === bytes.length + (bytes.length <= LONGEST_SHORT ? HEADER : LONG_HEADER);
  }

  hold(on: boolean): void {
    this.#held = on;
    this.#want();
  }

  #want(): void {
    if (!this.#open) return;
    this.#watch.want((this.#held ? READ : 0) | (this.#out.length > 0 ? WRITE : 0));
  }

  pump(most = Number.POSITIVE_INFINITY): void {
    while (this.#out.length > 0 && this.#write(this.#out[0] as Pending)) this.#out.shift();
    for (let count = 0; this.#open && count < most; count++) {
      const got = this.#native.receive(this.#channel, NO_LIMIT, false);
      if (got === Got.again) break;
      let message: unknown[];
      try {
        if (got < 0 && got !== Got.large) throw this.#failure(got);
        const bytes = got === Got.large ? this.#native.take(this.#channel) : scratch.subarray(0, got);
        message = read(bytes, this.#native.takeFds(this.#channel)) as unknown[];
      } catch (error) {
        this.close();
        this.#on.end(error === END ? undefined : (error as Error));
        return;
      }
      this.#on.message(message);
    }
    this.#want();
  }

  #failure(got: number): unknown {
    if (got === Got.end) return END;
    if (got <= Got.errors) return this.#native.errorOf(Got.errors - got, 'read');
    return new Error('a message was cut off');
  }

  onReady(): void {
    this.pump(AT_ONCE);
  }

  close(): void {
    if (!this.#open) return;
    this.#open = false;
    open.delete(this);
    for (const { fds } of this.#out.splice(0)) for (const fd of fds ?? []) closeFd(fd);
    this.#watch.close();
    this.#native.close(this.#channel);
  }
}

const END = Symbol('end');

/** What to send: the bytes, or what stands for them. */
function inBlock(bytes: Uint8Array, fds: number[]): Uint8Array {
  const fd = bytes.length < BLOCK ? undefined : pack(bytes);
  if (fd === undefined) return bytes;
  fds.push(fd);
  return IN_BLOCK;
}

function read(bytes: Uint8Array, fds: number[]): unknown {
  if (bytes.length !== IN_BLOCK.length) return decodeWithBlocks(bytes, fds);
  const fd = fds.pop();
  if (fd === undefined) throw new Error('a message was lost: no descriptor is left to receive it with');
  const block = map(fd);
  try {
    return decodeWithBlocks(new Uint8Array(block), fds);
  } finally {
    unmap(block);
  }
}

/** Waits, in this thread, until one of the descriptors can be read. */
export function waitForLines(fds: readonly number[], ms: number): void {
  native('a Pool').waitFor(fds, false, Math.max(0, Math.ceil(ms)));
}
