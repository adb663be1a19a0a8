/** A line between threads: a MessagePort. What is sent is cloned; what is transferred or shared between threads may be in it. */
import { type MessagePort, receiveMessageOnPort } from 'node:worker_threads';
import { reviveHandles } from '../../../sync/index.js';
import { decode, encode } from '../../serialize/index.js';
import type { Line, LineEvents } from './line.js';

/** Messages that hold errors go as bytes: a clone loses what makes an error useful. */
type Sent = readonly unknown[] | Uint8Array;

export class PortLine implements Line {
  readonly sending = false;
  readonly #port: MessagePort;
  readonly #on: LineEvents;
  /** Counts up with each message, so that a thread that blocks hears of it. */
  readonly #bell: Int32Array;
  #open = true;

  constructor(port: MessagePort, bell: Int32Array, on: LineEvents) {
    this.#port = port;
    this.#bell = bell;
    this.#on = on;
    port.on('message', (message: Sent) => this.#take(message));
    port.on('close', () => {
      if (!this.#open) return;
      this.#open = false;
      on.end();
    });
    port.unref();
  }

  send(message: readonly unknown[], transfer: readonly object[] = []): void {
    if (!this.#open) return;
    this.#port.postMessage(message, transfer as never);
    this.#ring();
  }

  /** For what may hold errors. Throws prong's `DataCloneError`. */
  sendBytes(message: readonly unknown[]): void {
    if (!this.#open) return;
    const bytes = encode(message);
    this.#port.postMessage(bytes);
    this.#ring();
  }

  #ring(): void {
    Atomics.add(this.#bell, 0, 1);
    Atomics.notify(this.#bell, 0);
  }

  #take(message: Sent): void {
    if (!this.#open) return;
    this.#on.message(
      message instanceof Uint8Array ? (decode(message) as unknown[]) : (reviveHandles(message) as unknown[]),
    );
  }

  hold(on: boolean): void {
    if (on) this.#port.ref();
    else this.#port.unref();
  }

  pump(): void {
    while (this.#open) {
      const got = receiveMessageOnPort(this.#port);
      if (got === undefined) return;
      this.#take(got.message as Sent);
    }
  }

  close(): void {
    this.#open = false;
    this.#port.close();
  }
}
