/** One worker, as its pool sees it; each kind has a file: forked-hand.ts, thread-hand.ts, … */
import type { OrderMessage, ReplyMessage } from '../protocol.js';
import type { Entry } from './registry.js';

export interface Hand {
  readonly pid: number;
  readonly name: string;
  /** Whether it can call a function, and find data, without being told first. */
  knows(entry: Entry): boolean;
  /** Tells it. False where only a new worker can know. Throws what keeps the function from travelling. */
  teach(entry: Entry, fn: object): boolean;
  /** Throws `DataCloneError` for what can't travel; then nothing was sent. */
  send(order: OrderMessage): void;
  /** The number of the call that it began last. */
  begun(): number;
  /** Whether it keeps this process alive, and is heard. */
  hold(on: boolean): void;
  /** Takes in, at once, what it has said and whether it has ended. */
  pump(): void;
  /** Lets it end once all that it was given is done. */
  stop(): void;
  /** Ends it, whatever it is doing. */
  kill(): void;
  /** Whether something for it could not be sent yet. */
  readonly sending: boolean;
  /** Descriptors that are readable when it has said something, or ended; none where it can't be waited for in this way. */
  readonly fds: readonly number[];
}

export interface HandEvents {
  reply(message: ReplyMessage): void;
  /** It has ended, and all that it said has been heard. `exitcode`: `-N` for signal N. */
  gone(exitcode: number): void;
}

/** What workers of a pool are hired for. */
export interface Duty {
  name: string;
  // biome-ignore lint/suspicious/noExplicitAny: whatever it takes
  initializer: ((...args: any[]) => unknown) | undefined;
  initargs: readonly unknown[];
}

export type Hire = (duty: Duty, on: HandEvents) => Hand;
