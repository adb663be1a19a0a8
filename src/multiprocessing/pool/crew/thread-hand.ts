/** A worker that is a thread: functions travel to it, each once. */
import { join } from 'node:path';
import { MessageChannel, SHARE_ENV, type TransferListItem, Worker } from 'node:worker_threads';
import type * as CaptureModule from '../../../closure/capture-value.js';
import { isThreadThere } from '../../../threading/native-id.js';
import { PortLine } from '../line/port-line.js';
import { Order, type OrderMessage, type ReplyMessage } from '../protocol.js';
import { type ThreadDuty, WORDS, Word } from '../worker/thread-words.js';
import type { Duty, Hand, HandEvents } from './hand.js';
import type { Entry } from './registry.js';

const SIGKILL = 9;
/** One for all: whoever blocks looks at all workers of its pool. */
const bell = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));

const capture: typeof CaptureModule.captureValue = (...args) =>
  (require('../../../closure/capture-value.js') as typeof CaptureModule).captureValue(...args);

export class ThreadHand implements Hand {
  readonly pid = process.pid;
  readonly name: string;
  readonly sending = false;
  readonly fds: readonly number[] = [];
  readonly #worker: Worker;
  readonly #line: PortLine;
  readonly #on: HandEvents;
  readonly #words: Uint32Array;
  readonly #taught = new Set<number>();
  #killed = false;
  #gone = false;

  /** Throws `ClosureError` where the initializer can't travel. */
  constructor({ name, initializer, initargs }: Duty, on: HandEvents) {
    this.name = name;
    this.#on = on;
    this.#words = new Uint32Array(new SharedArrayBuffer(WORDS * Uint32Array.BYTES_PER_ELEMENT));
    const { port1, port2 } = new MessageChannel();
    const start = initializer && capture({ initializer, initargs }, 'initializer');
    const workerData: ThreadDuty = {
      prongPool: { port: port2, bell, words: this.#words, closure: start?.data },
    };
    this.#line = new PortLine(port1, bell, {
      message: (reply) => on.reply(reply as unknown as ReplyMessage),
      end: () => {},
    });
    this.#worker = new Worker(join(__dirname, '../worker/threaded.js'), {
      workerData,
      transferList: [port2, ...((start?.transferList ?? []) as TransferListItem[])],
      env: SHARE_ENV,
      name,
      stdout: true,
      stderr: true,
    });
    this.#worker.unref();
    let failed = false;
    this.#worker.on('error', (error) => {
      failed = true;
      process.stderr.write(`Exception in ${name}:\n${error.stack ?? String(error)}\n`);
    });
    this.#worker.once('exit', (code) => this.#ended(failed ? 1 : code));
  }

  #ended(code: number): void {
    if (this.#gone) return;
    this.#line.pump();
    this.#gone = true;
    this.#line.close();
    this.#on.gone(this.#killed ? -SIGKILL : code);
  }

  knows({ id }: Entry): boolean {
    return this.#taught.has(id);
  }

  teach({ id }: Entry, fn: object): boolean {
    const { data, transferList } = capture(fn, 'fn');
    this.#line.send([Order.learn, id, data] satisfies OrderMessage, transferList);
    this.#taught.add(id);
    return true;
  }

  send(order: OrderMessage): void {
    this.#line.send(order);
  }

  stop(): void {
    this.#line.send([Order.stop]);
  }

  begun(): number {
    return Atomics.load(this.#words, Word.begun);
  }

  hold(on: boolean): void {
    this.#line.hold(on);
    if (on) this.#worker.ref();
    else this.#worker.unref();
  }

  pump(): void {
    this.#line.pump();
    if (this.#gone) return;
    // While this thread blocks, nobody tells it that a worker has ended.
    const state = Atomics.load(this.#words, Word.ended);
    if (this.#killed) this.#ended(0);
    else if (state !== 0) this.#ended(state - 1);
    else {
      const nativeId = Atomics.load(this.#words, Word.nativeId);
      if (nativeId !== 0 && isThreadThere(nativeId) === false) this.#ended(1);
    }
  }

  kill(): void {
    this.#killed = true;
    void this.#worker.terminate();
    // Whoever blocks is to look again.
    Atomics.add(bell, 0, 1);
  }
}

/** Blocks this thread until some worker has said something, or for `ms`. */
export function waitForBell(ms: number): void {
  Atomics.wait(bell, 0, heard, ms);
  heard = Atomics.load(bell, 0);
}

let heard = 0;
