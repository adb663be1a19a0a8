/** One run of a thread: its Worker, what it reports, and the waiting for its end. */
import { join } from 'node:path';
import {
  MessageChannel,
  type MessagePort,
  receiveMessageOnPort,
  SHARE_ENV,
  Worker,
} from 'node:worker_threads';
import type * as CaptureModule from '../closure/capture-value.js';
import { reviveValue, reviveValueSync } from '../closure/revive-value.js';
import type { SerializedClosure } from '../closure/types.js';
import { ThreadError } from '../errors.js';
import { callHook } from './excepthook.js';
import type { Assignment, Report, Work } from './messages.js';
import { ENDING, FREE, Slot, STARTING } from './table.js';
import type { Thread } from './thread.js';
import { joinSlotSync } from './watch.js';

export interface RunOptions {
  id: number;
  name: string;
  daemon: boolean;
  resourceLimits?: Worker['resourceLimits'];
}

const entry = join(__dirname, 'worker.js');

interface Outcome {
  value?: unknown;
  error?: unknown;
  fields?: Record<string, unknown>;
}

export class Run {
  readonly slot: Slot;
  /** Settles when the target is about to be called. */
  readonly running: Promise<void>;
  /** Settles as the target did. */
  readonly result: Promise<unknown>;
  error: unknown;
  failed = false;
  ended = false;
  readonly #worker: Worker;
  readonly #port: MessagePort;
  readonly #thread: Thread;
  readonly #daemon: boolean;
  readonly #origins: ReadonlyMap<number, object>;
  /** Settles when the thread is gone. */
  readonly exited: Promise<void>;
  #joiners = 0;
  #reported = false;
  #started = (): void => {};
  #resolve: (value: unknown) => void = () => {};
  #reject: (error: unknown) => void = () => {};

  constructor(thread: Thread, work: Work, options: RunOptions) {
    const { id, name, daemon, resourceLimits } = options;
    this.#thread = thread;
    this.#daemon = daemon;
    // Loaded late: a thread that starts none itself has no use for the parser.
    const { captureValue } = require('../closure/capture-value.js') as typeof CaptureModule;
    const { data: payload, transferList, origins } = captureValue(work, 'thread');
    this.#origins = origins;
    const slot = Slot.take(id, name, daemon, STARTING);
    if (!slot) throw new ThreadError("can't start new thread: there are too many", 'EAGAIN');
    this.slot = slot;
    const { port1, port2 } = new MessageChannel();
    this.#port = port1;
    const workerData: Assignment = { prongThread: { id, slot: slot.index, name, port: port2, payload } };
    try {
      this.#worker = new Worker(entry, {
        workerData,
        transferList: [port2, ...(transferList as MessagePort[])],
        env: SHARE_ENV,
        name,
        // Nothing comes through them, and nothing of the main thread's streams is touched.
        stdout: true,
        stderr: true,
        ...(resourceLimits === undefined ? {} : { resourceLimits }),
      });
    } catch (error) {
      slot.release();
      port1.close();
      throw error;
    }
    this.running = new Promise((resolve) => {
      this.#started = resolve;
    });
    this.result = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    // Whoever wants the error asks for it; nobody has to.
    this.result.catch(() => {});
    port1.on('message', (report: Report) => this.#receive(report));
    port1.unref();
    this.#worker.on('error', (error) => this.#fail(error, false));
    this.exited = new Promise((resolve) => {
      this.#worker.once('exit', (code) => {
        this.#drain();
        this.#end(code);
        resolve();
      });
    });
    this.#joiners++;
    this.running.finally(() => this.#release());
  }

  /** A daemon thread keeps the process only while somebody waits for it: for its start, in `join`. */
  #release(): void {
    this.#joiners--;
    if (this.#daemon && this.#joiners === 0) this.#worker.unref();
  }

  #receive(report: Report): void {
    if (report.t === 'running') {
      this.#started();
      return;
    }
    if (report.t === 'broken') {
      const error = Object.assign(new Error(report.message), { name: report.name, stack: report.stack });
      this.#fail(error, report.printed);
      return;
    }
    if (report.t === 'exit') {
      this.#exit(report);
      return;
    }
    if (report.t === 'plain') {
      this.#reported = true;
      this.#resolve(report.value);
      return;
    }
    const outcome = this.#read(report.outcome);
    if (outcome instanceof Promise) {
      this.#reported = true;
      outcome.then(
        (read) => this.#settle(report, read),
        (error) => this.#fail(error, false),
      );
    } else this.#settle(report, outcome);
  }

  #read(data: SerializedClosure): Outcome | Promise<Outcome> {
    try {
      return reviveValueSync(data, this.#origins) as Outcome;
    } catch {
      return reviveValue(data, this.#origins) as Promise<Outcome>;
    }
  }

  #settle(report: Report & { t: 'done' | 'failed' }, { value, error, fields }: Outcome): void {
    for (const [key, field] of Object.entries(fields ?? {})) {
      (this.#thread as unknown as Record<string, unknown>)[key] = field;
    }
    if (report.t === 'failed') {
      this.#fail(error, report.printed);
      return;
    }
    this.#reported = true;
    this.#resolve(value);
  }

  #fail(error: unknown, printed: boolean): void {
    if (this.failed) return;
    this.failed = true;
    this.error = error;
    this.#reported = true;
    this.#reject(error);
    if (!printed) callHook(error, this.#thread);
  }

  /** Takes in what has been reported and not yet been delivered. */
  #drain(): void {
    for (
      let message = receiveMessageOnPort(this.#port);
      message;
      message = receiveMessageOnPort(this.#port)
    ) {
      this.#receive(message.message as Report);
    }
  }

  #end(code: number): void {
    this.#leave();
    this.ended = true;
    this.#port.close();
    this.#started();
    if (this.#reported) return;
    // Terminated from outside, without a chance to say so.
    this.#exit({ code: code === 0 ? 1 : code, drained: false });
  }

  #exit({ code, drained }: { code: number; drained: boolean }): void {
    this.#reported = true;
    if (code === 0 && !drained) {
      this.#resolve(undefined);
      return;
    }
    this.failed = true;
    this.error = drained
      ? new ThreadError(
          'the target never settled, and nothing is left that could settle it',
          'ERR_THREAD_UNSETTLED',
        )
      : new ThreadError(`the thread ended with exit code ${code} before its target did`, 'ERR_THREAD_EXITED');
    this.#reject(this.error);
  }

  #leave(): void {
    // Looked at once more while the table still has it.
    void this.#thread.nativeId;
    this.slot.release();
  }

  get alive(): boolean {
    return !this.ended && this.slot.state !== FREE && this.slot.state < ENDING;
  }

  async join(timeout: number): Promise<void> {
    if (this.ended) return;
    this.#joiners++;
    this.#worker.ref();
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => {
      if (timeout <= 0x7fffffff) timer = setTimeout(resolve, timeout);
    });
    try {
      await Promise.race([this.exited, late]);
    } finally {
      clearTimeout(timer);
      this.#release();
    }
  }

  joinSync(timeout: number): void {
    if (this.ended || !joinSlotSync(this.slot, timeout)) return;
    this.#drain();
    this.#leave();
    // How it died (out of memory, say) is told by the event loop, later.
    if (!this.#reported)
      this.error ??= new ThreadError('the thread died before its target ended', 'ERR_THREAD_EXITED');
  }
}
