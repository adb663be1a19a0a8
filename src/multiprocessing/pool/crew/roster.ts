/** Who works for a pool: hires, chooses, lets go. */
import type { Job } from '../jobs/job.js';
import type { ReplyMessage } from '../protocol.js';
import { traceWorker } from '../trace.js';
import type { Hand, HandEvents, Hire } from './hand.js';
import { Member } from './member.js';
import { mayGoAhead } from './plan.js';

/** What workers are. */
export interface Kind {
  readonly hire: Hire;
  /** Whether a new worker finds what this process holds. */
  readonly canInherit: boolean;
  /** `ForkPoolWorker`, as Python names them. */
  readonly workerName: string;
  /** Blocks this thread until one of them has something to say, or for `ms`. */
  wait(hands: readonly Hand[], ms: number): void;
}

export interface CrewOptions {
  readonly kind: Kind;
  /** Workers' names, without their numbers. */
  readonly name: string;
  // biome-ignore lint/suspicious/noExplicitAny: whatever it takes
  readonly initializer: ((...args: any[]) => unknown) | undefined;
  readonly initargs: readonly unknown[];
  readonly maxtasksperchild: number;
}

/** What the roster hears of its members. */
export interface RosterEvents {
  heard(member: Member, message: ReplyMessage): void;
  /** It has ended and is a member no more. `told`: the pool wanted it so. */
  gone(member: Member, exitcode: number, told: boolean): void;
}

/** For names: Python counts a process's children, too. */
let hired = 0;

export class Roster {
  readonly members = new Set<Member>();
  /** Told to stop, not yet gone. */
  readonly #leaving = new Set<Member>();
  readonly #options: CrewOptions;
  readonly #on: RosterEvents;
  /** The pool's number. */
  readonly #pool: number;
  size: number;
  #generation = 0;
  #joining = false;
  started = 0;
  died = 0;

  constructor(pool: number, size: number, options: CrewOptions, on: RosterEvents) {
    this.#pool = pool;
    this.size = size;
    this.#options = options;
    this.#on = on;
  }

  get running(): number {
    let count = 0;
    for (const member of this.members) count += member.count;
    return count;
  }

  get idle(): number {
    return [...this.members].filter((member) => member.idle).length;
  }

  /** Those that are leaving included. */
  get all(): Member[] {
    return [...this.members, ...this.#leaving];
  }

  get isEmpty(): boolean {
    return this.members.size === 0 && this.#leaving.size === 0;
  }

  /** Whether somebody waits for them to be gone. */
  join(): void {
    this.#joining = true;
    this.hold();
  }

  /** Those that have something to do, or are waited for, keep this process alive. */
  hold(): void {
    for (const member of this.members) member.hold(!member.idle || this.#joining);
    for (const member of this.#leaving) member.hold(this.#joining);
  }

  /** Whether it can be given one more. */
  #mayTake({ generation, sent }: Member): boolean {
    return generation === this.#generation && sent < this.#options.maxtasksperchild;
  }

  #fits(member: Member, { entry, fn, data }: Job): boolean {
    const { hand } = member;
    if (!this.#mayTake(member)) return false;
    if (data !== undefined && !hand.knows(data)) return false;
    return hand.knows(entry) || hand.teach(entry, fn);
  }

  /** Who does it next; `undefined` where all are at work. Throws where nobody ever can. */
  choose(job: Job, waiting: number): Member | undefined {
    let unfit: Member | undefined;
    for (const member of this.members) {
      if (!member.idle) continue;
      if (this.#fits(member, job)) return member;
      unfit ??= member;
    }
    if (this.members.size < this.size || unfit !== undefined) {
      const member = this.#hire();
      if (unfit !== undefined && this.members.size > this.size) this.retire(unfit);
      // A thread has to be told what a fork knows.
      return this.#fits(member, job) ? member : undefined;
    }
    if (!mayGoAhead(job, waiting, this.size)) return undefined;
    let best: Member | undefined;
    for (const member of this.members) {
      if (member.messages < 2 && !member.limited && member.messages < (best?.messages ?? 2)) {
        if (this.#fits(member, job)) best = member;
      }
    }
    return best;
  }

  #hire(): Member {
    const { kind, initializer, initargs } = this.#options;
    const events: HandEvents = {
      reply: (message) => this.#on.heard(member, message),
      gone: (exitcode) => this.#gone(member, exitcode),
    };
    const name = `${this.#options.name}-${hired + 1}`;
    const hand = kind.hire({ name, initializer, initargs }, events);
    hired++;
    const member: Member = new Member(hand, this.#generation);
    this.members.add(member);
    this.started++;
    traceWorker(() => ({ event: 'start', pool: this.#pool, name, pid: hand.pid }));
    return member;
  }

  /** Lets it go once it has done what it was given. */
  retire(member: Member): void {
    if (!this.members.delete(member)) return;
    this.#leaving.add(member);
    traceWorker(() => ({ event: 'stop', pool: this.#pool, name: member.hand.name, pid: member.hand.pid }));
    member.hand.stop();
    member.hold(this.#joining);
  }

  retireAll(): void {
    for (const member of [...this.members]) this.retire(member);
  }

  /** It has done what it was given, and is let go if it is one too many. */
  freed(member: Member): void {
    if (this.members.size > this.size || member.sent >= this.#options.maxtasksperchild) this.retire(member);
  }

  renew(): void {
    this.#generation++;
  }

  resize(size: number): void {
    this.size = size;
    for (const member of this.members) if (this.members.size > size && member.idle) this.retire(member);
  }

  killAll(): void {
    for (const member of this.all) member.kill();
  }

  #gone(member: Member, exitcode: number): void {
    const { name, pid } = member.hand;
    traceWorker(() => ({ event: 'end', pool: this.#pool, name, pid, exitcode }));
    const left = this.#leaving.delete(member) && exitcode === 0;
    const told = left || member.killed;
    this.members.delete(member);
    if (!told) this.died++;
    this.#on.gone(member, exitcode, told);
  }
}
