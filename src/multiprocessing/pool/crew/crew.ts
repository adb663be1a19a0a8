/** What a pool has to do, and which of its workers does what. */
import { describeEnd } from '../../process/child.js';
import { encodeShared } from '../../serialize/index.js';
import { PoolError, WorkerDiedError } from '../errors.js';
import type { Job, Unit } from '../jobs/job.js';
import { Reply, type ReplyMessage } from '../protocol.js';
import { traceTask, tracingTasks } from '../trace.js';
import type { Hand } from './hand.js';
import type { Member } from './member.js';
import { share } from './plan.js';
import { JobQueue } from './queue.js';
import { observe } from './registry.js';
import { type CrewOptions, Roster } from './roster.js';

/**
 * Workers that die before they have done anything, one after the other: so many more than there are workers, and it is no
 * accident. Somebody who kills them may be at it for longer.
 */
const MOST_STILLBORN = 5;
const MOST_KILLED = 100;
const SIGKILL = 9;
const LONGEST_TIMER = 2 ** 31 - 1;
const BLOCK = 100;
const BLOCK_SENDING = 2;

let crews = 0;

export class Crew {
  readonly number = ++crews;
  readonly counts = { completed: 0, failed: 0 };
  readonly roster: Roster;
  readonly #options: CrewOptions;
  readonly #queue = new JobQueue();
  readonly #pending = new Set<Job>();
  /** When (as `performance.now()` counts) which job has to be stopped. */
  readonly #deadlines = new Map<Job, number>();
  #scheduled = false;
  #dispatching = false;
  /** Whether there may be more to give. */
  #wanted = false;
  #closing = false;
  #stillborn = 0;
  #broken: { error: unknown } | undefined;
  #emptied: (() => void)[] = [];

  constructor(size: number, options: CrewOptions) {
    this.#options = options;
    this.roster = new Roster(this.number, size, options, {
      heard: (member, message) => this.#heard(member, message),
      gone: (member, exitcode, told) => this.#gone(member, exitcode, told),
    });
  }

  get closing(): boolean {
    return this.#closing;
  }

  get pending(): number {
    return this.#pending.size;
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
    for (const member of this.roster.members) {
      if (member.doing((unit) => unit.job === job)) member.kill();
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
    if (this.#closing && this.#pending.size === 0) this.roster.retireAll();
  }

  #begin(job: Job, member: Member, items: number): void {
    if (tracingTasks()) {
      traceTask({ event: 'start', pool: this.number, name: job.fn.name, items, pid: member.hand.pid });
    }
    if (job.begun) return;
    job.begun = true;
    const { timeout } = job.options;
    if (timeout > LONGEST_TIMER) return;
    this.#deadlines.set(job, performance.now() + timeout);
    const timer = setTimeout(() => this.cancel(job, job.tooLate()), timeout);
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
    this.roster.hold();
  }

  #dispatch(): void {
    for (let job = this.#queue.peek(); job !== undefined; job = this.#queue.peek()) {
      let member: Member | undefined;
      try {
        member = this.roster.choose(job, this.#waiting(job));
      } catch (error) {
        // No worker can be had, or none can be told the function. Where others are at work there is hope.
        if (this.roster.running > 0 && (error as NodeJS.ErrnoException)?.code === 'EAGAIN') break;
        job.abandon(error);
        this.#settled(job);
        continue;
      }
      if (member === undefined) break;
      this.#give(member, job);
    }
  }

  #waiting(job: Job): number {
    return job.single ? this.#queue.size + job.left : job.left;
  }

  #give(member: Member, job: Job): void {
    const most = this.#options.maxtasksperchild - member.sent;
    const count = share(job, this.#waiting(job), this.roster.size);
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
    if (member.idle) this.roster.freed(member);
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

  #gone(member: Member, exitcode: number, told: boolean): void {
    const { begun, untouched } = member.leave();
    for (const unit of untouched.reverse()) this.#again(unit);
    for (const unit of begun) this.#died(unit, member.hand, exitcode);
    if (!told && !member.heard && begun.length === 0) this.#wasStillborn(exitcode);
    this.dispatch();
    if (this.roster.isEmpty) this.#tellEmpty();
  }

  #wasStillborn(exitcode: number): void {
    const most = this.roster.size + (exitcode === -SIGKILL ? MOST_KILLED : MOST_STILLBORN);
    if (++this.#stillborn <= most) return;
    this.#break(
      new Error(`its workers die before they have done anything: the last ${describeEnd(exitcode)}`),
    );
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
    for (const member of this.roster.members) member.kill();
  }

  #abandonAll(error: unknown): void {
    for (const job of [...this.#pending]) {
      job.abandon(error);
      this.#settled(job);
    }
  }

  // ---- the end

  close(): void {
    if (this.#closing) return;
    this.#closing = true;
    if (this.#pending.size === 0) this.roster.retireAll();
  }

  terminate(): void {
    this.#closing = true;
    this.#abandonAll(new PoolError('the pool was terminated', 'ERR_POOL_TERMINATED'));
    this.roster.killAll();
  }

  /** Settles when the last worker is gone; `terminate` or `close` has been called. */
  async empty(): Promise<void> {
    this.dispatch();
    this.roster.join();
    while (!this.isEmpty) {
      await new Promise<void>((resolve) => this.#emptied.push(resolve));
    }
  }

  #tellEmpty(): void {
    const emptied = this.#emptied;
    this.#emptied = [];
    for (const tell of emptied) tell();
  }

  get isEmpty(): boolean {
    return this.#pending.size === 0 && this.roster.isEmpty;
  }

  // ---- blocking

  /** Works on, blocking this thread, until `done()`; false where `deadline` came first. */
  runUntil(done: () => boolean, deadline: number): boolean {
    for (this.dispatch(); !done(); this.dispatch()) {
      let end = deadline;
      for (const at of this.#deadlines.values()) end = Math.min(end, at);
      const now = performance.now();
      if (now >= deadline) return false;
      const hands = this.roster.all.map(({ hand }) => hand);
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
