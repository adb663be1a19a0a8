/**
 * What a pool and its worker say to each other: arrays, the first element of which names the kind. The worker answers in the order
 * of the orders. Every call has a number, counted from 1 for each worker; before it begins one, the worker writes its number into a
 * shared word: so it is known of each call whether it had begun when a worker died.
 */
import type { SerializedClosure } from '../../closure/types.js';

export const Order = {
  /** Ends the worker once all before it is done. */
  stop: 0,
  /** Calls, each answered by itself. All have `arity` arguments, one call's after the other's; or (-1) each a list. */
  calls: 1,
  /** A piece of a map: items, answered together. */
  items: 2,
  /** As `items`, but what the worker has inherited: a range of it. */
  range: 3,
  /** A function that this worker hasn't inherited. */
  learn: 4,
} as const;

export type OrderMessage =
  | [kind: typeof Order.stop]
  | [
      kind: typeof Order.calls,
      number: number,
      fn: number,
      count: number,
      arity: number,
      args: readonly unknown[],
    ]
  | [kind: typeof Order.items, number: number, fn: number, spread: boolean, items: readonly unknown[]]
  | [
      kind: typeof Order.range,
      number: number,
      fn: number,
      spread: boolean,
      data: number,
      start: number,
      end: number,
    ]
  | [kind: typeof Order.learn, fn: number, closure: Uint8Array | SerializedClosure];

export const Reply = {
  /** The initializer has thrown. */
  unfit: 1,
  /** The next calls' results. */
  calls: 2,
  /** A piece's results: all, or those before the first that failed. */
  items: 3,
} as const;

/** What was thrown, and at which place in its message. */
export type Failure = [index: number, error: unknown];

export type ReplyMessage =
  | [kind: typeof Reply.unfit, error: unknown]
  | [kind: typeof Reply.calls, ms: number, values: unknown[], failures: Failure[] | undefined]
  | [kind: typeof Reply.items, ms: number, values: unknown[], failure: Failure | undefined];
