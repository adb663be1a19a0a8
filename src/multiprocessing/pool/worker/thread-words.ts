/** What a worker thread starts with, and the words of memory that it shares with its pool. */
import type { MessagePort } from 'node:worker_threads';
import type { SerializedClosure } from '../../../closure/types.js';

export interface ThreadDuty {
  prongPool: {
    port: MessagePort;
    bell: Int32Array;
    words: Uint32Array;
    /** `{ initializer, initargs }`. */
    closure: SerializedClosure | undefined;
  };
}

export const Word = {
  /** The number of the call that was begun last. */
  begun: 0,
  nativeId: 1,
  /** One more than the exit code. */
  ended: 2,
} as const;
export const WORDS = 3;
