/** A worker and what it has been given. */
import type { Unit } from '../jobs/job.js';
import { Order, type OrderMessage } from '../protocol.js';
import type { Hand } from './hand.js';

interface Given {
  readonly unit: Unit;
  /** The call's number: see protocol.ts. */
  readonly number: number;
  /** Whether it ends the message that it went with. */
  readonly last: boolean;
}

export class Member {
  readonly hand: Hand;
  /** The pool's, at its hiring: see `Pool.renew`. */
  readonly generation: number;
  /** Whether it has ever said anything. */
  heard = false;
  /** Whether the pool has killed it. */
  killed = false;
  /** How many units it was ever given. */
  sent = 0;
  #given: Given[] = [];
  /** Those before it have been answered. */
  #head = 0;
  #limited = 0;
  #messages = 0;
  #number = 1;
  #held = false;

  constructor(hand: Hand, generation: number) {
    this.hand = hand;
    this.generation = generation;
  }

  get idle(): boolean {
    return this.#head === this.#given.length;
  }

  get count(): number {
    return this.#given.length - this.#head;
  }

  /** How many messages it has not answered in full. */
  get messages(): number {
    return this.#messages;
  }

  /** Whether what it does may have to be stopped, and it with it. */
  get limited(): boolean {
    return this.#limited > 0;
  }

  /** All of one function; several only if each is answered by itself. Throws `DataCloneError`. */
  give(units: readonly Unit[]): void {
    const [first] = units as [Unit];
    const { job, range } = first;
    const { id } = job.entry;
    const number = this.#number;
    let order: OrderMessage;
    if (range !== undefined) {
      order = [Order.range, number, id, job.spread, range.data.id, range.start, range.end];
    } else if (job.single) {
      order = calls(number, id, units);
    } else {
      order = [Order.items, number, id, job.spread, first.items];
    }
    this.hand.send(order);
    units.forEach((unit, i) => {
      this.#given.push({ unit, number: number + i, last: i === units.length - 1 });
    });
    if (job.limited) this.#limited += units.length;
    this.#number += units.length;
    this.#messages++;
    this.sent += units.length;
  }

  /** The unit that is answered next. */
  answered(): Unit | undefined {
    const given = this.#given[this.#head];
    if (given === undefined) return undefined;
    this.#head++;
    if (given.last) this.#messages--;
    if (given.unit.job.limited) this.#limited--;
    if (this.#head === this.#given.length) {
      this.#given = [];
      this.#head = 0;
    }
    return given.unit;
  }

  get #unanswered(): Given[] {
    return this.#given.slice(this.#head);
  }

  doing(test: (unit: Unit) => boolean): boolean {
    return this.#unanswered.some(({ unit }) => test(unit));
  }

  /** It has ended: what it had begun, and what it had not. */
  leave(): { begun: Unit[]; untouched: Unit[] } {
    const last = this.hand.begun();
    const begun: Unit[] = [];
    const untouched: Unit[] = [];
    for (const { unit, number } of this.#unanswered) (number <= last ? begun : untouched).push(unit);
    this.#given = [];
    this.#head = 0;
    return { begun, untouched };
  }

  kill(): void {
    this.killed = true;
    this.hand.kill();
  }

  hold(on: boolean): void {
    if (on === this.#held) return;
    this.#held = on;
    this.hand.hold(on);
  }
}

/** Lists cost more to be sent than what is in them: they are left out where they can be. */
function calls(number: number, id: number, units: readonly Unit[]): OrderMessage {
  const arity = (units[0] as Unit).items.length;
  const args: unknown[] = [];
  for (const { items } of units) {
    if (items.length !== arity) {
      return [Order.calls, number, id, units.length, -1, units.map((unit) => unit.items)];
    }
    for (const item of items) args.push(item);
  }
  return [Order.calls, number, id, units.length, arity, args];
}
