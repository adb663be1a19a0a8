/** A worker that is a process, however it was started. */
import { close } from '../../../posix/descriptors.js';
import { RawArray } from '../../../sync/index.js';
import { native } from '../../connection/native.js';
import type { Popen } from '../../process/popen.js';
import { launch, Process, type ProcessOptions } from '../../process/process.js';
import { SocketLine } from '../line/socket-line.js';
import { Order, type OrderMessage, type ReplyMessage } from '../protocol.js';
import type { Duty, Hand, HandEvents } from './hand.js';
import type { Entry } from './registry.js';

const SIGKILL = 9;

/** What makes the process: `fd` is the worker's end of its line, `begun` what it shares with its pool. */
export type Describe = (fd: number, begun: RawArray) => ProcessOptions;

export abstract class ProcessHand implements Hand {
  readonly pid: number;
  readonly name: string;
  readonly #process: Process;
  readonly #popen: Popen;
  protected readonly line: SocketLine;
  readonly #begun: RawArray;
  readonly #home = process.pid;
  #gone = false;

  /** Throws what keeps the process from being started. */
  constructor({ name }: Duty, on: HandEvents, describe: Describe) {
    this.name = name;
    this.#begun = new RawArray('uint32', 1);
    const [own, theirs] = native('a Pool').pair();
    this.line = new SocketLine(own, {
      message: (reply) => on.reply(reply as unknown as ReplyMessage),
      end: (error) => this.#silent(error),
    });
    try {
      this.#process = new Process({ ...describe(theirs, this.#begun), name, daemon: true });
      this.#popen = launch(this.#process);
    } catch (error) {
      this.line.close();
      throw error;
    } finally {
      close(theirs);
    }
    this.pid = this.#popen.pid;
    this.#popen.onEnd(() => this.#ended(on));
  }

  #ended(on: HandEvents): void {
    this.line.pump();
    this.line.close();
    this.#gone = true;
    const exitcode = this.#popen.poll() as number;
    this.#process.close();
    on.gone(exitcode);
  }

  /** It can't be heard any more: it is ending, or of no more use. */
  #silent(error: Error | undefined): void {
    if (error !== undefined) this.kill();
  }

  abstract knows(entry: Entry): boolean;
  abstract teach(entry: Entry, fn: object): boolean;

  send(order: OrderMessage): void {
    this.line.send(order);
  }

  stop(): void {
    this.line.send([Order.stop]);
  }

  begun(): number {
    return this.#begun[0] as number;
  }

  hold(on: boolean): void {
    if (this.#gone || this.#home !== process.pid) return;
    this.line.hold(on);
    this.#popen.hold(on);
  }

  pump(): void {
    if (this.#gone) return;
    this.line.pump();
    this.#popen.poll();
  }

  kill(): void {
    if (!this.#gone && this.#home === process.pid) this.#popen.kill(SIGKILL);
  }

  get sending(): boolean {
    return this.line.sending;
  }

  get fds(): readonly number[] {
    if (this.#gone) return [];
    const { sentinel } = this.#process;
    return this.line.isOpen ? [this.line.fd, sentinel] : [sentinel];
  }
}
