import { inspect } from 'node:util';
import { ThreadError } from '../errors.js';
import { handleKind, registerHandleType } from '../sync/handle.js';
import { checkBoolean, checkFunction, checkString, checkTimeout, invalidType } from '../util/check.js';
import { ownSlot } from './here.js';
import type { Work } from './messages.js';
import { Run, type RunOptions } from './run.js';
import { cut, ENDING, FREE, newId, newNumber, Slot } from './table.js';
import { joinSlot, joinSlotSync } from './watch.js';

/** What a thread is made of; all of it is optional. */
export interface ThreadOptions {
  /** Any function, a closure included: what it uses from outside travels with it. */
  // biome-ignore lint/suspicious/noExplicitAny: whatever the target takes
  target?: (...args: any[]) => unknown;
  args?: readonly unknown[];
  /** Handed to `target` as its last argument. */
  kwargs?: Record<string, unknown>;
  /** `Thread-N (target)` unless given. */
  name?: string;
  /** A daemon thread doesn't keep the process alive. That of the thread that makes it, unless given. */
  daemon?: boolean;
  /** As for a `Worker`: beyond them the thread ends with ERR_WORKER_OUT_OF_MEMORY, and nothing else does. */
  resourceLimits?: RunOptions['resourceLimits'];
}

interface State extends Omit<Work, 'owner' | 'fields'> {
  id: number;
  name: string;
  daemon: boolean;
  started: boolean;
  /** Its line in the table, while there is one. */
  slot?: Slot;
  /** Where this realm started it. */
  run?: Run;
  resourceLimits?: RunOptions['resourceLimits'];
}

/** A hidden property, not a `#private` one: in its own thread a Thread is made without its constructor. */
const state = Symbol('prong.thread');

/** The threads that this realm has an object for. */
const known = new Map<number, Thread>();

function checkOptions({ target, args, kwargs, name, daemon }: ThreadOptions): void {
  if (target !== undefined) checkFunction('options.target', target);
  if (args !== undefined && !Array.isArray(args)) throw invalidType('options.args', 'an array', args);
  if (kwargs !== undefined && (typeof kwargs !== 'object' || kwargs === null)) {
    throw invalidType('options.kwargs', 'of type object', kwargs);
  }
  if (name !== undefined) checkString('options.name', name);
  if (daemon !== undefined) checkBoolean('options.daemon', daemon);
}

function defaultName(target: ThreadOptions['target']): string {
  const number = newNumber();
  return target?.name ? `Thread-${number} (${target.name})` : `Thread-${number}`;
}

function setState(thread: Thread, value: State): void {
  Object.defineProperty(thread, state, { value });
}

/**
 * A thread of its own, on a Worker of worker_threads: Python's `threading.Thread`.
 *
 *     const t = new Thread({ target: loop, name: 'LoopThread' });
 *     t.start();
 *     await t.join();
 *
 * Either `target` or, in a subclass, `run()` is what it does. What that uses from outside is copied when the thread
 * starts (variables, objects), loaded again (packages), or shared (primitives, SharedArrayBuffers); what can't travel is
 * a `ClosureError` from `start`. The thread ends as a Node process does: when `target` has settled and its event loop
 * has nothing left to do. A subclass's fields travel too, and what `run()` leaves in them is there after `join`.
 */
export class Thread {
  /** @internal */
  declare readonly [state]: State;

  constructor(options: ThreadOptions = {}) {
    if (typeof options !== 'object' || options === null)
      throw invalidType('options', 'of type object', options);
    checkOptions(options);
    const { target, args = [], kwargs, name, daemon, resourceLimits } = options;
    setState(this, {
      id: newId(),
      name: name ?? defaultName(target),
      daemon: daemon ?? ownSlot().daemon,
      started: false,
      target,
      args: [...args],
      kwargs,
      resourceLimits,
    });
  }

  /**
   * Starts the thread and returns at once; the promise settles when the thread runs and need not be awaited.
   * Rejects with `ThreadError` (`ERR_THREAD_STARTED`) the second time, with `ClosureError` (`ERR_CLOSURE`) where something
   * can't travel, with what `new Worker` throws where the system has no thread to give.
   */
  async start(): Promise<void> {
    const own = this[state];
    if (own.started) throw new ThreadError('threads can only be started once', 'ERR_THREAD_STARTED');
    ownSlot();
    own.started = true;
    const { target, args, kwargs } = own;
    const owner = this.constructor as unknown as typeof Thread;
    const work: Work = {
      target,
      args,
      kwargs,
      fields: { ...(this as object) },
      ...(owner === Thread ? {} : { owner }),
    };
    try {
      own.run = new Run(this, work, own);
    } catch (error) {
      own.started = false;
      throw error;
    }
    own.slot = own.run.slot;
    known.set(own.id, this);
    const forget = (): void => void known.delete(own.id);
    own.run.exited.then(forget);
    await own.run.running;
  }

  /** What the thread does. A subclass may say it here instead of in `target`; it runs in the thread itself. */
  run(): unknown {
    const { target, args, kwargs } = this[state];
    return kwargs === undefined ? target?.(...args) : target?.(...args, kwargs);
  }

  /**
   * Waits until the thread has ended, or for `timeout` ms: ask `isAlive()` afterwards. What happened in the thread is no
   * concern of it: see `result`. Rejects with `ThreadError` (`ERR_THREAD_NOT_STARTED`, `ERR_THREAD_JOIN_SELF`).
   */
  async join(options: { timeout?: number } = {}): Promise<void> {
    const timeout = checkTimeout(options?.timeout);
    checkJoin(this[state]);
    const { run, slot } = this[state];
    if (run) await run.join(timeout);
    else if (slot) await joinSlot(slot, timeout);
  }

  /** As `join`, blocking the calling thread. The other one runs, prints and ends all the same. */
  joinSync(options: { timeout?: number } = {}): void {
    const timeout = checkTimeout(options?.timeout);
    checkJoin(this[state]);
    const { run, slot } = this[state];
    if (run) run.joinSync(timeout);
    else if (slot) joinSlotSync(slot, timeout);
  }

  /** `Thread-1 (target)`, or what it was given; may be set at any time. */
  get name(): string {
    const own = this[state];
    if (own.slot?.valid) {
      const { name } = own.slot;
      if (name !== cut(own.name)) own.name = name;
    }
    return own.name;
  }

  /** A name for people; it need not be unique. */
  set name(value: string) {
    checkString('name', value);
    const own = this[state];
    own.name = value;
    if (own.slot?.valid) own.slot.name = value;
  }

  /** A number no other thread of the process has or had; `undefined` before `start`. */
  get ident(): number | undefined {
    const { id, started } = this[state];
    return started ? id : undefined;
  }

  /** The system's number of the thread (`gettid`); `undefined` until it runs. */
  get nativeId(): number | undefined {
    const own = this[state];
    if (own.slot?.valid) lastNativeId.set(this, own.slot.nativeId);
    return lastNativeId.get(this);
  }

  /** Whether the process may end without waiting for it. Throws `ThreadError` when set on a started thread. */
  get daemon(): boolean {
    return this[state].daemon;
  }

  /** Before `start()` only. */
  set daemon(value: boolean) {
    checkBoolean('daemon', value);
    if (this[state].started) {
      throw new ThreadError('cannot set daemon status of active thread', 'ERR_THREAD_STARTED');
    }
    this[state].daemon = value;
  }

  /** @internal */
  [inspect.custom](): string {
    const how = this.isAlive() ? 'running' : this[state].started ? 'ended' : 'not started';
    return `${this.constructor.name} { name: ${inspect(this.name)}, ${how} }`;
  }

  /** Whether it has been started and has not ended. */
  isAlive(): boolean {
    const { run, slot, started } = this[state];
    if (!started) return false;
    if (run) return run.alive;
    return slot !== undefined && slot.state !== FREE && slot.state < ENDING;
  }

  /**
   * What the target returned; rejects with what it threw, or with `ThreadError` (`ERR_THREAD_EXITED`) where it never came to an
   * end. Known only to the thread that started it. Need not be looked at.
   */
  get result(): Promise<unknown> {
    const { run, started } = this[state];
    if (run) return run.result;
    const why = started
      ? 'only the thread that started it has its result'
      : 'the thread has not been started';
    return Promise.reject(new ThreadError(why, started ? 'ERR_THREAD_RESULT' : 'ERR_THREAD_NOT_STARTED'));
  }

  /** What the target threw, once it has; else `undefined`. */
  get error(): unknown {
    return this[state].run?.error;
  }
}

const lastNativeId = new WeakMap<Thread, number | undefined>();

function checkJoin({ id, started }: State): void {
  if (id === ownSlot().id) throw new ThreadError('cannot join current thread', 'ERR_THREAD_JOIN_SELF');
  if (!started) throw new ThreadError('cannot join thread before it is started', 'ERR_THREAD_NOT_STARTED');
}

/** This realm's object for the thread in `slot`. */
export function threadFor(slot: Slot): Thread {
  const found = known.get(slot.id);
  if (found) return found;
  const thread = Object.create(Thread.prototype) as Thread;
  setState(thread, { id: slot.id, name: slot.name, daemon: slot.daemon, started: true, slot, args: [] });
  for (const [id, other] of known) if (!other[state].run && !other[state].slot?.valid) known.delete(id);
  known.set(slot.id, thread);
  return thread;
}

/** Makes this realm's own thread what its assignment says. */
export function become(work: Work): Thread {
  const thread = threadFor(ownSlot());
  if (work.owner) Object.setPrototypeOf(thread, work.owner.prototype);
  Object.assign(thread[state], { target: work.target, args: work.args, kwargs: work.kwargs });
  return Object.assign(thread, work.fields);
}

// A Thread in a closure or an argument arrives as the other thread's object for it.
Object.defineProperty(Thread.prototype, handleKind, { value: 'Thread' });
registerHandleType('Thread', {
  pack: (object) => {
    const { id, slot, daemon, started } = (object as Thread)[state];
    return { id, index: slot?.index ?? -1, name: (object as Thread).name, daemon, started };
  },
  unpack: (data) => {
    const { id, index, name, daemon, started } = data as unknown as State & { index: number };
    const found = known.get(id);
    if (found) return found;
    if (id === ownSlot().id) return threadFor(ownSlot());
    const thread = Object.create(Thread.prototype) as Thread;
    setState(thread, {
      id,
      name,
      daemon,
      started,
      slot: index < 0 ? undefined : new Slot(index, id),
      args: [],
    });
    return thread;
  },
});
