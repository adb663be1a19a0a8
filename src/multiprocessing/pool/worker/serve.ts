/** A worker's life: it does what it is ordered, one task after the other, and says what came of it. */
import { DataCloneError, encodeShared } from '../../serialize/index.js';
import { type Failure, Order, type OrderMessage, Reply, type ReplyMessage } from '../protocol.js';

// biome-ignore lint/suspicious/noExplicitAny: whatever a task takes
export type AnyFunction = (...args: any[]) => unknown;

export interface Desk {
  /** Throws `DataCloneError` for what can't travel; then nothing was sent. */
  reply(message: ReplyMessage): void;
  /** The function or the data with this number. */
  find(id: number): unknown;
  /** Takes in a function. */
  learn(id: number, closure: unknown): void | Promise<void>;
  /** The number of the call that was begun last. */
  readonly begun: { 0: number };
}

/** Results wait at most so long (ms) for more, and never while a task is waiting for something. */
const PATIENCE = 0.2;

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return (
    (typeof value === 'object' || typeof value === 'function') &&
    value !== null &&
    typeof (value as { then?: unknown }).then === 'function'
  );
}

/** Why a result can't travel; `undefined` where it can. */
function objection(value: unknown): DataCloneError | undefined {
  try {
    encodeShared(value, 'the result');
    return undefined;
  } catch (error) {
    if (error instanceof DataCloneError) return error;
    throw error;
  }
}

/** Something can't travel: what that is fails, and the rest goes. */
function withoutCulprits(values: unknown[], failures: Failure[]): [unknown[], Failure[]] {
  const good = values.map((value, index) => {
    const why = objection(value);
    if (why === undefined) return value;
    failures.push([index, why]);
    return undefined;
  });
  const told = failures.map(
    ([index, error]): Failure =>
      objection(error) === undefined ? [index, error] : [index, new Error(String(error))],
  );
  return [good, told];
}

class Worker {
  readonly #desk: Desk;
  readonly #orders: OrderMessage[] = [];
  #busy = false;
  readonly #stopped: () => void;

  constructor(desk: Desk, stopped: () => void) {
    this.#desk = desk;
    this.#stopped = stopped;
  }

  take(order: OrderMessage): void {
    this.#orders.push(order);
    if (!this.#busy) void this.#work();
  }

  async #work(): Promise<void> {
    this.#busy = true;
    for (let order = this.#orders.shift(); order !== undefined; order = this.#orders.shift()) {
      if (order[0] === Order.stop) {
        this.#stopped();
        return;
      }
      if (order[0] === Order.learn) await this.#desk.learn(order[1], order[2]);
      else if (order[0] === Order.calls) await this.#calls(order);
      else await this.#piece(order);
    }
    this.#busy = false;
  }

  async #calls([, number, id, count, arity, args]: Extract<OrderMessage, { 0: 1 }>): Promise<void> {
    const { begun } = this.#desk;
    const fn = this.#desk.find(id) as AnyFunction;
    let values: unknown[] = [];
    let failures: Failure[] | undefined;
    let since = performance.now();
    const flush = (now: number): void => {
      if (values.length > 0) this.#tell(Reply.calls, now - since, values, failures);
      values = [];
      failures = undefined;
      since = now;
    };
    for (let i = 0; i < count; i++) {
      begun[0] = number + i;
      let value: unknown;
      try {
        if (arity === 1) value = fn(args[i]);
        else if (arity === 0) value = fn();
        else if (arity < 0) value = fn(...(args[i] as unknown[]));
        else value = fn(...args.slice(i * arity, (i + 1) * arity));
        if (isThenable(value)) {
          if (values.length > 0) flush(performance.now());
          value = await value;
        }
      } catch (error) {
        failures ??= [];
        failures.push([values.length, error]);
        value = undefined;
      }
      values.push(value);
      const now = performance.now();
      if (now - since > PATIENCE || i === count - 1) flush(now);
    }
  }

  async #piece(order: Extract<OrderMessage, { 0: 2 | 3 }>): Promise<void> {
    const [kind, number, id, spread] = order;
    this.#desk.begun[0] = number;
    const since = performance.now();
    const values: unknown[] = [];
    let failure: Failure | undefined;
    try {
      const fn = this.#desk.find(id) as AnyFunction;
      const items = kind === Order.items ? order[4] : (this.#desk.find(order[4]) as unknown[]);
      const end = kind === Order.items ? items.length : order[6];
      for (let i = kind === Order.items ? 0 : order[5]; i < end; i++) {
        let value = spread ? fn(...(items[i] as unknown[])) : fn(items[i]);
        if (isThenable(value)) value = await value;
        values.push(value);
      }
    } catch (error) {
      failure = [values.length, error];
    }
    this.#tell(Reply.items, performance.now() - since, values, failure && [failure]);
  }

  #tell(kind: 2 | 3, ms: number, values: unknown[], failures: Failure[] | undefined): void {
    const send = (good: unknown[], bad: Failure[] | undefined): void =>
      this.#desk.reply(kind === Reply.calls ? [kind, ms, good, bad] : [kind, ms, good, bad?.[0]]);
    try {
      send(values, failures);
    } catch (error) {
      if (!(error instanceof DataCloneError) && (error as Error | null)?.name !== 'DataCloneError')
        throw error;
      const [good, bad] = withoutCulprits(values, failures ?? []);
      bad.sort(([a], [b]) => a - b);
      send(good, bad);
    }
  }
}

/** Runs the initializer, then serves until it is told to stop. Gives what to do with each order, and the end. */
export function serve(
  desk: Desk,
  initialize: () => unknown,
): { take(order: OrderMessage): void; ended: Promise<void> } {
  let worker: Worker;
  const ended = new Promise<void>((resolve) => {
    worker = new Worker(desk, resolve);
  });
  const early: OrderMessage[] = [];
  let ready = false;
  const open = async (): Promise<void> => {
    try {
      await initialize();
    } catch (error) {
      const why = objection(error) === undefined ? error : new Error(String(error));
      desk.reply([Reply.unfit, why]);
      return;
    }
    ready = true;
    for (const order of early) worker.take(order);
  };
  void open();
  return {
    take: (order) => {
      if (ready) worker.take(order);
      else early.push(order);
    },
    ended,
  };
}
