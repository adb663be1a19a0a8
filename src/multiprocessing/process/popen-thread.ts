/** Start method `thread`: a Worker with a process's interface. Its pid is that of the process, which it shares. */
import { join } from 'node:path';
import {
  MessageChannel,
  type MessagePort,
  receiveMessageOnPort,
  SHARE_ENV,
  Worker,
} from 'node:worker_threads';
import { notSupported } from '../../errors.js';
import { pipe } from '../../posix/descriptors.js';
import { isThreadThere } from '../../threading/native-id.js';
import { watching } from './native.js';
import { decodeOutcome } from './outcome.js';
import type { Packing } from './parcel.js';
import type { Outcome, Popen } from './popen.js';

/** Words of what both sides see. */
export const ThreadWord = { ended: 0, exitcode: 1, nativeId: 2 } as const;
const WORDS = 3;
const LOOK = 20;

export interface ThreadParcel {
  prongProcess: { parcel: Packing['parcel']; port: MessagePort; words: Int32Array };
}

class ThreadChild implements Popen {
  readonly pid = process.pid;
  readonly started: Promise<void>;
  readonly #worker: Worker;
  readonly #port: MessagePort;
  readonly #words: Int32Array;
  #code: number | null = null;
  #outcome: Outcome | undefined;
  #sentinel: [reader: number, writer: number] | undefined;
  #listeners: (() => void)[] = [];

  constructor({ parcel, transferList }: Packing) {
    const { port1, port2 } = new MessageChannel();
    this.#port = port1;
    this.#words = new Int32Array(new SharedArrayBuffer(WORDS * Int32Array.BYTES_PER_ELEMENT));
    const workerData: ThreadParcel = { prongProcess: { parcel, port: port2, words: this.#words } };
    this.#worker = new Worker(join(__dirname, 'threaded.js'), {
      workerData,
      transferList: [port2, ...(transferList as MessagePort[])],
      env: SHARE_ENV,
      name: parcel.identity.name,
      stdout: true,
      stderr: true,
    });
    port1.unref();
    this.started = new Promise((resolve) => {
      this.#worker.once('online', resolve);
      this.#worker.once('exit', () => resolve());
    });
    this.#worker.on('error', (error) => {
      this.#outcome ??= { ok: false, error };
      this.#mark(1);
    });
    this.#worker.once('exit', (code) => {
      this.#mark(code);
      this.#ended();
    });
  }

  /** The first to say how it ended is right. */
  #mark(code: number): void {
    if (Atomics.compareExchange(this.#words, ThreadWord.ended, 0, 1) !== 0) return;
    Atomics.store(this.#words, ThreadWord.exitcode, code);
    Atomics.notify(this.#words, ThreadWord.ended);
  }

  #ended(): void {
    if (this.#code !== null) return;
    const message = receiveMessageOnPort(this.#port)?.message as Uint8Array | undefined;
    this.#outcome ??= decodeOutcome(message);
    this.#code = Atomics.load(this.#words, ThreadWord.exitcode);
    this.#port.close();
    if (this.#sentinel !== undefined) watching?.close(this.#sentinel[1]);
    const listeners = this.#listeners;
    this.#listeners = [];
    for (const listener of listeners) listener();
  }

  poll(): number | null {
    if (this.#code === null && Atomics.load(this.#words, ThreadWord.ended) !== 0) this.#ended();
    return this.#code;
  }

  outcome(): Outcome | undefined {
    return this.#outcome;
  }

  onEnd(listener: () => void): void {
    if (this.#code !== null) listener();
    else this.#listeners.push(listener);
  }

  waitSync(timeout: number): void {
    const deadline = performance.now() + timeout;
    while (this.poll() === null) {
      const left = deadline - performance.now();
      if (left <= 0) return;
      Atomics.wait(this.#words, ThreadWord.ended, 0, Math.min(left, LOOK));
      const nativeId = Atomics.load(this.#words, ThreadWord.nativeId);
      // Gone without a word: out of memory, say.
      if (nativeId !== 0 && isThreadThere(nativeId) === false) this.#mark(1);
    }
  }

  kill(signal: number): void {
    if (this.poll() !== null) return;
    this.#mark(-signal);
    void this.#worker.terminate();
  }

  hold(hold: boolean): void {
    if (hold) this.#worker.ref();
    else this.#worker.unref();
  }

  sentinel(): number {
    if (watching === undefined) throw notSupported('a sentinel', 'it needs the native addon');
    if (this.#sentinel === undefined) {
      this.#sentinel = pipe();
      if (this.poll() !== null) watching.close(this.#sentinel[1]);
    }
    return this.#sentinel[0];
  }

  close(): void {
    if (this.#sentinel !== undefined) watching?.close(this.#sentinel[0]);
    this.#sentinel = undefined;
  }
}

export function startThread(packing: Packing): Popen {
  return new ThreadChild(packing);
}
