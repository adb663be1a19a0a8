import type { MessagePort } from 'node:worker_threads';
import type { SerializedClosure } from '../closure/types.js';

/** What a thread is made of; its Worker's `workerData`. */
export interface Assignment {
  prongThread: {
    id: number;
    slot: number;
    name: string;
    port: MessagePort;
    payload: SerializedClosure;
  };
}

/** The payload, once put together. */
export interface Work {
  /** The subclass, if it is one. */
  owner?: { prototype: object };
  /** What the constructor of the subclass set. */
  fields: Record<string, unknown>;
  target?: (...args: unknown[]) => unknown;
  args: unknown[];
  kwargs?: Record<string, unknown>;
}

/** What a thread tells the one that started it. */
export type Report =
  | { t: 'running' }
  /** It ends, and the target has not. `drained`: nothing was left that could have settled it. */
  | { t: 'exit'; code: number; drained: boolean }
  /** A result that needs no taking apart. */
  | { t: 'plain'; value: unknown }
  /** `outcome` holds `{ value, fields }` or `{ error, fields }`. `printed`: the thread has said it on stderr. */
  | { t: 'done'; outcome: SerializedClosure }
  | { t: 'failed'; outcome: SerializedClosure; printed: boolean }
  /** Nothing can be said of the error but its text. */
  | { t: 'broken'; name: string; message: string; stack?: string; printed: boolean };
