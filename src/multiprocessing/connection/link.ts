/** What a connection is made of: a channel in C++, what waits for it, and how it is waited for. */
import { isMainThread } from 'node:worker_threads';
import { ProngError } from '../../errors.js';
import { close as closeFd } from '../../posix/descriptors.js';
import { closedError, EOFError } from './errors.js';
import { type Channel, type ConnectionBinding, Got, native, scratch } from './native.js';
import { mayBeQuick, type Reading, restQuick, timedOut, Wait, type Writing } from './queues.js';
import { READ, Watch, WRITE } from './watch.js';

// A thread that is being terminated notices between two slices; one that may block for ever has none.
const SLICE = 100;
// While something waits to be sent, a blocked receiver looks after it this often.
const BUSY_SLICE = 5;

interface Footing {
  channel: Channel;
  watch: number | undefined;
}

/** A connection that is dropped without `close()` is closed when it is collected: the wait ends before its descriptor does. */
const collected = new FinalizationRegistry<Footing>(({ channel, watch }) => {
  if (watch !== undefined) native().unwatch(watch);
  native().close(channel);
});

/** Those of this thread that have something to send: while it blocks, no event loop sends it. */
const sending = new Set<Link>();

export class Link {
  readonly native: ConnectionBinding = native();
  readonly channel: Channel;
  fd: number;
  readonly #footing: Footing;
  #watch: Watch | undefined;
  /** Why nothing can be received any more. */
  #broken: Error | undefined;
  #reads: Reading[] = [];
  #writes: Writing[] = [];
  #polls = new Set<Wait<boolean>>();

  constructor(fd: number) {
    this.fd = fd;
    this.channel = this.native.open(fd);
    this.#footing = { channel: this.channel, watch: undefined };
    collected.register(this, this.#footing, this);
  }

  close(): void {
    if (this.fd < 0) return;
    this.fd = -1;
    collected.unregister(this);
    this.#watch?.close();
    this.#watch = undefined;
    this.native.close(this.channel);
    const error = closedError();
    for (const { wait } of this.#reads.splice(0)) wait.reject(error);
    for (const writing of this.#writes.splice(0)) this.#endWriting(writing, error);
    sending.delete(this);
    for (const poll of this.#polls) poll.reject(error);
    this.#polls.clear();
  }

  check(): void {
    if (this.fd < 0) throw closedError();
  }

  async poll(ms: number): Promise<boolean> {
    if (this.isReady() || ms === 0) return this.isReady();
    const wait = this.subscribe(ms);
    return wait.promise;
  }

  /** Settles once there is something to receive, or (`false`) after `ms`. */
  subscribe(ms: number): Wait<boolean> {
    const wait = new Wait<boolean>(ms, () => this.unsubscribe(wait));
    this.#polls.add(wait);
    this.#update();
    return wait;
  }

  unsubscribe(wait: Wait<boolean>): void {
    if (!this.#polls.delete(wait)) return;
    this.#update();
    wait.resolve(false);
  }

  pollSync(ms: number): boolean {
    const deadline = performance.now() + ms;
    for (;;) {
      if (this.isReady()) return true;
      if (performance.now() >= deadline) return false;
      this.#block(false, deadline);
    }
  }

  // ---- receiving

  /** The next message's bytes; `undefined` where it isn't all there. */
  #next(limit: number, block: boolean): Uint8Array | undefined {
    if (this.#broken !== undefined) throw this.#broken;
    const got = this.native.receive(this.channel, limit, block);
    if (got >= 0) return scratch.subarray(0, got);
    switch (got) {
      case Got.again:
        return undefined;
      case Got.large:
        return this.native.take(this.channel);
      case Got.end:
        throw new EOFError();
      case Got.tooLong: {
        const size = this.native.size(this.channel);
        throw this.#break('EMSGSIZE', `a message of ${size} bytes is longer than ${limit}`);
      }
      case Got.garbage:
        throw this.#break('EBADMSG', 'what arrives is not a message: it starts with a negative length');
      case Got.truncated:
        throw this.#break('EBADMSG', 'the other end was closed in the middle of a message');
      default:
        throw this.native.errorOf(Got.errors - got, 'read');
    }
  }

  /** Where the next message starts is unknown from now on. */
  #break(code: string, message: string): Error {
    this.#broken = new ProngError(code, message);
    this.native.forgetPartial(this.channel);
    return this.#broken;
  }

  receive(convert: Reading['convert'], limit: number, ms: number): unknown {
    const quick = this.#reads.length === 0 && mayBeQuick();
    if (quick || ms === 0) {
      const bytes = this.#reads.length === 0 ? this.#next(limit, false) : undefined;
      if (bytes !== undefined) return convert(bytes);
      if (ms === 0) throw timedOut('nothing came', ms);
    }
    const wait = new Wait<unknown>(ms, () => {
      this.#pumpReads();
      if (wait.settled) return;
      this.#reads.splice(this.#reads.indexOf(reading), 1);
      this.#update();
      wait.reject(timedOut('nothing came', ms));
    });
    const reading: Reading = { limit, convert, wait };
    this.#reads.push(reading);
    this.#update();
    return wait.promise;
  }

  #pumpReads(): void {
    while (this.#reads.length > 0 && this.fd >= 0) {
      const [reading] = this.#reads as [Reading];
      try {
        const bytes = this.#next(reading.limit, false);
        if (bytes === undefined) return;
        const value = reading.convert(bytes);
        this.#reads.shift();
        reading.wait.resolve(value);
      } catch (error) {
        this.#reads.shift();
        reading.wait.reject(error);
      }
    }
  }

  receiveSync(convert: Reading['convert'], limit: number, ms: number): unknown {
    const deadline = performance.now() + ms;
    for (;;) {
      // Those that came first go first.
      this.#pumpReads();
      if (this.#reads.length === 0) {
        const forEver = isMainThread && ms === Number.POSITIVE_INFINITY && sending.size === 0;
        const bytes = this.#next(limit, forEver);
        if (bytes !== undefined) {
          this.#update();
          return convert(bytes);
        }
      }
      if (performance.now() >= deadline) throw timedOut('nothing came', ms);
      this.#block(false, deadline);
    }
  }

  isReady(): boolean {
    return this.#broken !== undefined || this.native.waitFor([this.fd], false, 0).length > 0;
  }

  /** Waits for the descriptor once, in this thread. */
  #block(write: boolean, deadline: number): void {
    for (const link of [...sending]) link.#sendOn();
    const slice = sending.size > (write && this.#writes.length > 0 ? 1 : 0) ? BUSY_SLICE : SLICE;
    const ms = Math.min(Math.ceil(deadline - performance.now()), slice);
    this.native.waitFor([this.fd], write, Math.max(0, ms));
  }

  // ---- sending

  #write(writing: Writing, block: boolean): boolean {
    const { bytes, fds } = writing;
    const total = bytes.length + (bytes.length <= 0x7fffffff ? 4 : 12);
    const got = this.native.send(this.channel, bytes, writing.position, fds, block);
    if (got < Got.errors) throw this.native.errorOf(Got.errors - got, 'write');
    if (got > writing.position) writing.position = got;
    if (writing.position > 0) this.#closeFds(writing);
    return writing.position === total;
  }

  #closeFds(writing: Writing): void {
    for (const fd of writing.fds ?? []) closeFd(fd);
    writing.fds = undefined;
  }

  #endWriting(writing: Writing, error?: unknown): void {
    this.#closeFds(writing);
    if (error === undefined) writing.wait?.resolve();
    else writing.wait?.reject(error);
  }

  /** `borrowed`: the bytes are good for this turn only. */
  transmit(
    bytes: Uint8Array,
    fds: number[] | undefined,
    ms: number,
    borrowed: boolean,
  ): Promise<void> | void {
    const writing: Writing = { bytes, position: 0, fds, wait: undefined };
    if (this.#writes.length === 0 && mayBeQuick()) {
      try {
        if (this.#write(writing, false)) return;
      } catch (error) {
        this.#closeFds(writing);
        throw error;
      }
    }
    const wait = new Wait<void>(ms, () => {
      this.#pumpWrites();
      if (wait.settled) return;
      this.#giveUp(writing);
      wait.reject(timedOut('nobody received', ms));
    });
    writing.wait = wait;
    if (borrowed) writing.bytes = Buffer.from(bytes);
    this.#writes.push(writing);
    this.#update();
    return wait.promise;
  }

  /** What has begun to be sent must be finished, or the other end could read nothing more. */
  #giveUp(writing: Writing): void {
    writing.wait = undefined;
    if (writing.position > 0) {
      writing.bytes = Uint8Array.from(writing.bytes);
    } else {
      this.#closeFds(writing);
      this.#writes.splice(this.#writes.indexOf(writing), 1);
    }
    this.#update();
  }

  #pumpWrites(): void {
    while (this.#writes.length > 0 && this.fd >= 0) {
      const [writing] = this.#writes as [Writing];
      try {
        if (!this.#write(writing, false)) return;
        this.#writes.shift();
        this.#endWriting(writing);
      } catch (error) {
        this.#writes.shift();
        this.#endWriting(writing, error);
      }
    }
  }

  transmitSync(bytes: Uint8Array, fds: number[] | undefined, ms: number): void {
    const deadline = performance.now() + ms;
    const writing: Writing = { bytes, position: 0, fds, wait: undefined };
    try {
      for (;;) {
        this.#pumpWrites();
        if (this.#writes.length === 0) {
          if (this.#write(writing, isMainThread && ms === Number.POSITIVE_INFINITY && sending.size === 0))
            break;
        }
        if (performance.now() >= deadline) {
          this.#writes.push(writing);
          this.#giveUp(writing);
          throw timedOut('nobody received', ms);
        }
        this.#block(true, deadline);
      }
    } finally {
      if (!this.#writes.includes(writing)) this.#closeFds(writing);
      this.#update();
    }
  }

  // ---- the event loop

  #sendOn(): void {
    this.#pumpWrites();
    this.#update();
  }

  #update(): void {
    if (this.#writes.length > 0) sending.add(this);
    else sending.delete(this);
    if (this.fd < 0) return;
    const wanted =
      (this.#reads.length > 0 || this.#polls.size > 0 ? READ : 0) | (this.#writes.length > 0 ? WRITE : 0);
    if (this.#watch === undefined) {
      if (wanted === 0) return;
      this.#watch = new Watch(this.fd, this);
      this.#footing.watch = this.#watch.id;
    }
    this.#watch.want(wanted);
  }

  onReady(ready: number): void {
    restQuick();
    if ((ready & WRITE) !== 0) this.#pumpWrites();
    if ((ready & READ) !== 0) {
      this.#pumpReads();
      if (this.#polls.size > 0 && this.fd >= 0 && this.isReady()) {
        for (const poll of this.#polls) poll.resolve(true);
        this.#polls.clear();
      }
    }
    this.#update();
  }

  /** What has begun to be sent or to arrive is the parent's; what is waited for may come to either. */
  onFork(): void {
    for (const writing of this.#writes.splice(0)) this.#endWriting(writing);
    if (this.native.inMessage(this.channel)) this.native.forgetPartial(this.channel);
    this.#update();
  }

  onFresh(): void {
    this.#reads = [];
    this.#writes = [];
    this.#polls.clear();
    sending.delete(this);
  }
}
