/** The workers of a pool, and who of them does what. */
import { describeEnd } from '../../process/child.js';
import { encodeShared } from '../../serialize/index.js';
import { PoolError, WorkerDiedError } from '../errors.js';
import type { Job, Unit } from '../jobs/job.js';
import { Reply, type ReplyMessage } from '../protocol.js';
import { traceTask, traceWorker, tracingTasks } from '../trace.js';
import type { Hand, HandEvents, Hire } from './hand.js';
import { Member } from './member.js';
import { mayGoAhead, share } from './plan.js';
import { JobQueue } from './queue.js';
import { observe } from './registry.js';

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
  // biome-ignore lint/suspicious/noExplicitAny: whatever it takes
  readonly initializer: ((...args: any[]) => unknown) | undefined;
  readonly initargs: readonly unknown[];
  readonly maxtasksperchild: number;
}

/** Workers that die before they have done anything, one after the other: so many more than there are workers, and it is no accident. */
const MOST_STILLBORN = 5;
const BLOCK = 100;
const BLOCK_SENDING = 2;

let crews = 0;
/** For names: Python counts a process's children, too. */
let hired = 0;

export class Crew {
  readonly number = ++crews;
  readonly counts = { completed: 0, failed: 0, started: 0, died: 0 };
  readonly #options: CrewOptions;
  readonly #members = new Set<Member>();
  /** Told to stop, not yet gone. */
  readonly #leaving = new Set<Member>();
  readonly #queue = new JobQueue();
  readonly #pending = new Set<Job>();
  /** When (as `performance.now()` counts) which job has to be stopped. */
  readonly #deadlines = new Map<Job, number>();
  #size: number;
  #generation = 0;
  #scheduled = false;
  #dispatching = false;
  /** Whether there may be more to give. */
  #wanted = false;
  #closing = false;
  #joining = false;
  #stillborn = 0;
  #broken: { error: unknown } | undefined;
  #emptied: (() => void)[] = [];

  constructor(size: number, options: CrewOptions) {
    this.#size = size;
    this.#options = options;
  }

  get size(): number {
    return this.#size;
  }

  get closing(): boolean {
    return this.#closing;
  }

  get pending(): number {
    return this.#pending.size;
  }

  get running(): number {
    let count = 0;
    for (const member of this.#members) count += member.count;
    return count;
  }

  get hands(): Hand[] {
    return [...this.#members].map(({ hand }) => hand);
  }

  get idle(): number {
    return [...this.#members].filter((member) => member.idle).length;
  }

  // ---- jobs

  /** Takes a job that has not settled. */
  add(job: Job): void {
    if (this.#broken !== undefined) {
      job.abandon(brokenBy(this.#broken.error));
      return;
    }
    this.#pending.add(job);
    this.#queue.push(job);
    if (tracingTasks()) {
      traceTask({ event: 'submit', pool: this.number, name: job.fn.name, items: job.left });
    }
    const { signal } = job.options;
    if (signal !== undefined) {
      const abort = () => this.cancel(job, signal.reason);
      signal.addEventListener('abort', abort, { once: true });
      job.release = () => signal.removeEventListener('abort', abort);
    }
    this.schedule();
  }

  /** A job that had nothing to be sent has something again. */
  awake(job: Job): void {
    if (this.#pending.has(job)) this.#queue.push(job);
    this.schedule();
  }

  /** At the end of what is running now: whatever else is asked for until then, new workers know it, too. */
  schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    queueMicrotask(() => {
      this.#scheduled = false;
      this.dispatch();
    });
  }

  /** Ends a job with an error. What runs of it is stopped, with its worker. */
  cancel(job: Job, error: unknown): void {
    if (job.settled) return;
    job.abandon(error);
    this.#settled(job);
    for (const member of this.#members) {
      if (member.doing((unit) => unit.job === job)) member.hand.kill();
    }
  }

  /** A job has settled by itself. */
  settled(job: Job): void {
    this.#settled(job);
  }

  #settled(job: Job): void {
    if (!job.settled || !this.#pending.delete(job)) return;
    this.#deadlines.delete(job);
    job.release?.();
    const { error } = job;
    if (error === undefined) this.counts.completed++;
    else this.counts.failed++;
    if (tracingTasks()) {
      const { name } = job.fn;
      if (error === undefined) traceTask({ event: 'end', pool: this.number, name, items: 0 });
      else traceTask({ event: 'error', pool: this.number, name, items: 0, error: error.error });
    }
    if (this.#closing && this.#pending.size === 0) this.#stopAll();
  }

  #begin(job: Job, member: Member, items: number): void {
    if (tracingTasks()) {
      traceTask({ event: 'start', pool: this.number, name: job.fn.name, items, pid: member.hand.pid });
    }
    if (job.begun) return;
    job.begun = true;
    const { timeout } = job.options;
    if (timeout === Number.POSITIVE_INFINITY) return;
    this.#deadlines.set(job, performance.now() + timeout);
    const timer = setTimeout(() => this.cancel(job, job.tooLate()), Math.min(timeout, 2 ** 31 - 1));
    const { release } = job;
    job.release = () => {
      clearTimeout(timer);
      release?.();
    };
  }

  // ---- workers

  /** Gives what waits to whoever can take it. */
  dispatch(): void {
    // Hiring somebody may bring to light that somebody else has ended.
    this.#wanted = true;
    if (this.#dispatching) return;
    this.#dispatching = true;
    try {
      while (this.#wanted) {
        this.#wanted = false;
        this.#dispatch();
      }
    } finally {
      this.#dispatching = false;
    }
    this.#hold();
  }

  #dispatch(): void {
    for (let job = this.#queue.peek(); job !== undefined; job = this.#queue.peek()) {
      let member: Member | undefined;
      try {
        member = this.#choose(job);
      } catch (error) {
        // No worker can be had, or none can be told the function. Where others are at work there is hope.
        if (this.running > 0 && (error as NodeJS.ErrnoException)?.code === 'EAGAIN') break;
        job.abandon(error);
        this.#settled(job);
        continue;
      }
      if (member === undefined) break;
      this.#give(member, job);
    }
  }

  #hold(): void {
    for (const member of this.#members) member.hold(!member.idle || this.#joining);
    for (const member of this.#leaving) member.hold(this.#joining);
  }

  #fits(member: Member, { entry, fn, data }: Job): boolean {
    const { hand } = member;
    if (member.generation !== this.#generation || member.sent >= this.#options.maxtasksperchild) return false;
    if (data !== undefined && !hand.knows(data)) return false;
    return hand.knows(entry) || hand.teach(entry, fn);
  }

  /** Who does it next; `undefined` where all are at work. Throws where nobody ever can. */
  #choose(job: Job): Member | undefined {
    let unfit: Member | undefined;
    for (const member of this.#members) {
      if (!member.idle) continue;
      if (this.#fits(member, job)) return member;
      unfit ??= member;
    }
    if (this.#members.size < this.#size || unfit !== undefined) {
      const member = this.#hire();
      if (unfit !== undefined && this.#members.size > this.#size) this.#retire(unfit);
      // A thread has to be told what a fork knows.
      return this.#fits(member, job) ? member : undefined;
    }
    if (!mayGoAhead(job, this.#waiting(job), this.#size)) return undefined;
    let best: Member | undefined;
    for (const member of this.#members) {
      if (member.messages < 2 && !member.limited && member.messages < (best?.messages ?? 2)) {
        if (this.#fits(member, job)) best = member;
      }
    }
    return best;
  }

  #waiting(job: Job): number {
    return job.single ? this.#queue.size + job.left : job.left;
  }

  #hire(): Member {
    const { kind, initializer, initargs } = this.#options;
    const events: HandEvents = {
      reply: (message) => this.#heard(member, message),
      gone: (exitcode) => this.#gone(member, exitcode),
    };
    const name = `${kind.workerName}-${hired + 1}`;
    const hand = kind.hire({ name, initializer, initargs }, events);
    hired++;
    const member: Member = new Member(hand, this.#generation);
    this.#members.add(member);
    this.counts.started++;
    traceWorker(() => ({ event: 'start', pool: this.number, name, pid: hand.pid }));
    return member;
  }

  #retire(member: Member): void {
    if (!this.#members.delete(member)) return;
    this.#leaving.add(member);
    traceWorker(() => ({ event: 'stop', pool: this.number, name: member.hand.name, pid: member.hand.pid }));
    member.hand.stop();
    member.hold(this.#joining);
  }

  #give(member: Member, job: Job): void {
    const most = this.#options.maxtasksperchild - member.sent;
    const count = share(job, this.#waiting(job), this.#size);
    const units: Unit[] = [];
    if (job.single && !job.limited && job.data === undefined) {
      for (let next: Job | undefined = job; units.length < Math.min(count, most); next = this.#queue.peek()) {
        if (next?.entry !== job.entry || !next.single || next.limited || next.data !== undefined) break;
        units.push(next.take(1) as Unit);
      }
    } else {
      const unit = job.take(count);
      if (unit === undefined) return;
      units.push(unit);
    }
    this.#send(member, units);
  }

  #send(member: Member, units: Unit[]): void {
    try {
      member.give(units);
    } catch (error) {
      this.#unsendable(member, units, error);
      return;
    }
    for (const { job, items, range } of units) {
      this.#begin(job, member, range === undefined ? items.length : range.end - range.start);
    }
  }

  /** Something in them can't travel. A forked worker finds it where it lies. */
  #unsendable(member: Member, units: Unit[], error: unknown): void {
    if (units.length > 1) {
      for (const unit of units) this.#send(member, [unit]);
      return;
    }
    const [unit] = units as [Unit];
    const { job } = unit;
    if (this.#options.kind.canInherit && unit.range === undefined) {
      job.giveBack(job.inherited(unit));
      this.#queue.unshift(job);
      return;
    }
    job.failed(unit, named(unit, error), []);
    this.#settled(job);
  }

  #heard(member: Member, message: ReplyMessage): void {
    member.heard = true;
    this.#stillborn = 0;
    if (message[0] === Reply.unfit) {
      this.#break(message[1]);
      return;
    }
    const [kind, ms, values, failures] = message;
    if (kind === Reply.calls) this.#answers(member, ms, values, failures ?? []);
    else {
      const unit = member.answered() as Unit;
      const { job } = unit;
      observe(job.entry, ms, values.length);
      if (failures === undefined) job.done(unit, values);
      else job.failed(unit, failures[1], values);
      this.#settled(job);
    }
    if (!member.idle) member.hold(true);
    else if (member.sent >= this.#options.maxtasksperchild || this.#members.size > this.#size) {
      this.#retire(member);
    }
    this.dispatch();
  }

  #answers(member: Member, ms: number, values: unknown[], failures: [number, unknown][]): void {
    let at = 0;
    for (let i = 0; i < values.length; i++) {
      const unit = member.answered() as Unit;
      const { job } = unit;
      if (i === 0) observe(job.entry, ms, values.length);
      if (failures[at]?.[0] === i) job.failed(unit, (failures[at++] as [number, unknown])[1], []);
      else job.done(unit, [values[i]]);
      this.#settled(job);
    }
  }

  #gone(member: Member, exitcode: number): void {
    const { hand } = member;
    traceWorker(() => ({ event: 'end', pool: this.number, name: hand.name, pid: hand.pid, exitcode }));
    const wasLeaving = this.#leaving.delete(member);
    this.#members.delete(member);
    if (!wasLeaving) this.counts.died++;
    const { begun, untouched } = member.leave();
    for (const unit of untouched.reverse()) this.#again(unit);
    for (const unit of begun) this.#died(unit, hand, exitcode);
    if (
      !wasLeaving &&
      !member.heard &&
      begun.length === 0 &&
      ++this.#stillborn > this.#size + MOST_STILLBORN
    ) {
      this.#break(
        new Error(`its workers die before they have done anything: the last ${describeEnd(exitcode)}`),
      );
    }
    this.dispatch();
    if (this.#members.size === 0 && this.#leaving.size === 0) this.#tellEmpty();
  }

  #again(unit: Unit): void {
    const { job } = unit;
    if (job.settled) return;
    job.giveBack(unit);
    this.#queue.unshift(job);
  }

  #died(unit: Unit, { name, pid }: Hand, exitcode: number): void {
    const { job } = unit;
    if (job.settled) return;
    if (unit.deaths++ < job.options.retries) {
      this.#again(unit);
      return;
    }
    const text = `the worker ${name} (pid ${pid}) ${describeEnd(exitcode)} in ${job.fn.name || 'an anonymous function'}`;
    job.failed(unit, new WorkerDiedError(text, exitcode, pid), []);
    this.#settled(job);
  }

  /** No worker will ever be fit. */
  #break(error: unknown): void {
    this.#broken ??= { error };
    this.#abandonAll(brokenBy(error));
    for (const { hand } of this.#members) hand.kill();
  }

  #abandonAll(error: unknown): void {
    for (const job of [...this.#pending]) {
      job.abandon(error);
      this.#settled(job);
    }
  }

  // ---- the end

  /** Workers that are forked from now on see what there is now; those that are there do nothing more. */
  renew(): void {
    this.#generation++;
  }

  resize(size: number): void {
    this.#size = size;
    for (const member of this.#members) {
      if (this.#members.size > size && member.idle) this.#retire(member);
    }
    this.schedule();
  }

  close(): void {
    if (this.#closing) return;
    this.#closing = true;
    if (this.#pending.size === 0) this.#stopAll();
  }

  terminate(): void {
    this.#closing = true;
    this.#abandonAll(new PoolError('the pool was terminated', 'ERR_POOL_TERMINATED'));
    for (const { hand } of [...this.#members, ...this.#leaving]) hand.kill();
  }

  #stopAll(): void {
    for (const member of [...this.#members]) this.#retire(member);
  }

  /** Settles when the last worker is gone; `terminate` or `close` has been called. */
  async empty(): Promise<void> {
    this.dispatch();
    this.#joining = true;
    this.#hold();
    while (this.#pending.size > 0 || this.#members.size > 0 || this.#leaving.size > 0) {
      await new Promise<void>((resolve) => this.#emptied.push(resolve));
    }
  }

  #tellEmpty(): void {
    const emptied = this.#emptied;
    this.#emptied = [];
    for (const tell of emptied) tell();
  }

  get isEmpty(): boolean {
    return this.#pending.size === 0 && this.#members.size === 0 && this.#leaving.size === 0;
  }

  // ---- blocking

  /** Works on, blocking this thread, until `done()`; false where `deadline` came first. */
  runUntil(done: () => boolean, deadline: number): boolean {
    for (this.dispatch(); !done(); this.dispatch()) {
      let end = deadline;
      for (const at of this.#deadlines.values()) end = Math.min(end, at);
      const now = performance.now();
      if (now >= deadline) return false;
      const members = [...this.#members, ...this.#leaving];
      const hands = members.map(({ hand }) => hand);
      const slice = hands.some(({ sending }) => sending) ? BLOCK_SENDING : BLOCK;
      this.#options.kind.wait(hands, Math.max(0, Math.min(end - now, slice)));
      for (const hand of hands) hand.pump();
      const after = performance.now();
      for (const [job, at] of [...this.#deadlines]) if (after >= at) this.cancel(job, job.tooLate());
    }
    return true;
  }
}

function brokenBy(error: unknown): PoolError {
  const why = error instanceof Error ? error.message : String(error);
  return new PoolError(`the pool can do nothing: ${why}`, 'ERR_POOL_BROKEN', { cause: error });
}

/** The error that names the argument. */
function named({ items }: Unit, error: unknown): unknown {
  try {
    encodeShared(items, 'args');
  } catch (better) {
    return better;
  }
  return error;
}
