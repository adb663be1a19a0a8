import { inspect } from 'node:util';
import {
  checkBoolean,
  checkFunction,
  checkString,
  checkTimeout,
  invalidType,
  invalidValue,
} from '../../util/check.js';
import { describeEnd } from './child.js';
import { resolveMethod } from './context.js';
import { watchOwnEnd } from './end.js';
import { ProcessEndedError, ProcessError } from './errors.js';
import { children, type Identity, identity, nextNumber, ownAuthkey, setOwnAuthkey } from './identity.js';
import type { Popen, StartMethod } from './popen.js';
import { startProcess } from './start.js';

/** What a process is made of; all of it is optional. */
export interface ProcessOptions {
  /** Any function, sync or async, a closure included. */
  // biome-ignore lint/suspicious/noExplicitAny: whatever the target takes
  target?: (...args: any[]) => unknown;
  args?: readonly unknown[];
  /** Handed to `target` as its last argument. */
  kwargs?: Record<string, unknown>;
  /** `Process-N` unless given. */
  name?: string;
  /** A daemonic process dies with the one that started it, and starts none itself. That of the current process, unless given. */
  daemon?: boolean;
  /** `getStartMethod()` unless given. */
  startMethod?: StartMethod;
  /**
   * Under `fork`: servers and sockets (or their descriptors) that stay alive in the child. Under `spawn`: descriptors that the child gets,
   * under the same numbers.
   */
  inherit?: readonly unknown[];
}

interface State {
  name: string;
  daemon: boolean;
  target: ProcessOptions['target'];
  args: readonly unknown[];
  kwargs: Record<string, unknown> | undefined;
  method: StartMethod | undefined;
  inherit: number[];
  path: readonly number[];
  /** The process that made the object. */
  maker: number;
  popen: Popen | undefined;
  result: Promise<unknown> | undefined;
  joiners: number;
  wanted: boolean;
  closed: boolean;
  authkey: Buffer | undefined;
  /** This object is the process itself. */
  self: boolean;
}

/** A hidden property, not a `#private` one: under `spawn` the child makes the object without its constructor. */
export const state = Symbol('prong.process');

const SIGINT = 2;
const SIGKILL = 9;
const SIGTERM = 15;

function descriptorOf(item: unknown): number {
  const fd =
    typeof item === 'number'
      ? item
      : ((item as { _handle?: { fd?: unknown } })?._handle?.fd ?? (item as { fd?: unknown })?.fd);
  if (typeof fd !== 'number' || !Number.isInteger(fd) || fd < 0) {
    throw invalidValue('options.inherit', 'must hold open servers, sockets or descriptors', item);
  }
  return fd;
}

function checkOptions({ target, args, kwargs, name, daemon, inherit }: ProcessOptions): void {
  if (target !== undefined && target !== null) checkFunction('options.target', target);
  if (args !== undefined && !Array.isArray(args)) throw invalidType('options.args', 'an array', args);
  if (kwargs !== undefined && (typeof kwargs !== 'object' || kwargs === null)) {
    throw invalidType('options.kwargs', 'of type object', kwargs);
  }
  if (name !== undefined) checkString('options.name', name);
  if (daemon !== undefined) checkBoolean('options.daemon', daemon);
  if (inherit !== undefined && !Array.isArray(inherit))
    throw invalidType('options.inherit', 'an array', inherit);
}

/**
 * A process of its own: Python's `multiprocessing.Process`.
 *
 *     const p = new Process({ target: work, args: ['test'] });
 *     p.start();
 *     await p.join();
 *
 * Under start method `fork` (see `getStartMethod`) the child is a copy of this process at the moment of `start()`, and
 * `target` any function, with all it refers to. It runs the target and nothing else: no timer, server, socket, listener or
 * promise of the parent's goes on in it. When what the target returned has settled, and its threads and children have ended, the
 * child ends: with exit code 0, with 1 if it threw, with `process.exit`'s.
 */
export class Process {
  /** @internal */
  declare readonly [state]: State;

  constructor(options: ProcessOptions = {}) {
    if (typeof options !== 'object' || options === null)
      throw invalidType('options', 'of type object', options);
    checkOptions(options);
    const { target, args = [], kwargs, name, daemon, startMethod, inherit = [] } = options;
    const method = startMethod === undefined ? undefined : resolveMethod(startMethod, 'options.startMethod');
    const path = [...identity().path, nextNumber()];
    setState(this, {
      name: name ?? `${this.constructor.name || 'Process'}-${path.join(':')}`,
      daemon: daemon ?? identity().daemon,
      target,
      args: [...args],
      kwargs,
      method,
      inherit: inherit.map(descriptorOf),
      path,
      maker: process.pid,
      popen: undefined,
      result: undefined,
      joiners: 0,
      wanted: false,
      closed: false,
      authkey: undefined,
      self: false,
    });
  }

  /**
   * Starts the process. The child exists when this returns; the promise settles with it and need not be awaited, but
   * says what went wrong: `ERR_PROCESS_STARTED` the second time, `ERR_PROCESS_DAEMONIC` in a daemonic process, `ERR_CLOSURE`
   * where under `spawn` something can't travel, and what `fork()` throws.
   */
  async start(): Promise<void> {
    await launch(this).started;
  }

  /** What the process does. A subclass may say it here instead of in `target`. */
  run(): unknown {
    const { target, args, kwargs } = this[state];
    return kwargs === undefined ? target?.(...args) : target?.(...args, kwargs);
  }

  /**
   * Waits until the process has ended, or for `timeout` ms: look at `exitcode` afterwards. How it ended is no concern of it:
   * see `result`.
   *
   * @throws `ERR_PROCESS_NOT_STARTED`, `ERR_PROCESS_FOREIGN` for anything but a child, `ERR_PROCESS_CLOSED`
   */
  async join(options: { timeout?: number } = {}): Promise<void> {
    const timeout = checkTimeout(options?.timeout);
    const popen = started(this, 'join');
    if (popen.poll() !== null) return;
    const own = this[state];
    own.joiners++;
    popen.hold(true);
    try {
      await ended(popen, timeout);
    } finally {
      own.joiners--;
      popen.hold(holds(own));
    }
  }

  /** As `join`, blocking this thread. */
  joinSync(options: { timeout?: number } = {}): void {
    const timeout = checkTimeout(options?.timeout);
    const popen = started(this, 'join');
    if (popen.poll() === null) popen.waitSync(timeout);
  }

  /** Whether it has been started and has not ended. */
  isAlive(): boolean {
    const own = open(this);
    if (own.self) return true;
    checkMaker(own, 'test');
    return own.popen !== undefined && own.popen.poll() === null;
  }

  /** Sends SIGTERM. Its children, exit listeners and cleanups are not asked. */
  terminate(): void {
    started(this, 'terminate').kill(SIGTERM);
  }

  /** Sends SIGKILL. */
  kill(): void {
    started(this, 'kill').kill(SIGKILL);
  }

  /** Sends SIGINT. */
  interrupt(): void {
    started(this, 'interrupt').kill(SIGINT);
  }

  /**
   * Gives up what belongs to it. Nothing of it can be used afterwards.
   *
   * @throws `ERR_PROCESS_ALIVE` while it runs
   */
  close(): void {
    const own = this[state];
    if (own.closed) return;
    if (own.popen !== undefined && own.maker === process.pid) {
      if (own.popen.poll() === null) {
        throw new ProcessError(
          'Cannot close a process while it is still running. You should first call join() or terminate().',
          'ERR_PROCESS_ALIVE',
        );
      }
      own.popen.close();
    }
    own.closed = true;
  }

  /** As `close()`: throws `ERR_PROCESS_ALIVE` while the process runs. */
  [Symbol.dispose](): void {
    this.close();
  }

  /** Its pid; `undefined` before `start`. */
  get pid(): number | undefined {
    const own = open(this);
    return own.self ? process.pid : own.popen?.pid;
  }

  /** As `pid`. */
  get ident(): number | undefined {
    return this.pid;
  }

  /** `null` until it has ended; then its exit code, or minus the number of the signal that ended it. */
  get exitcode(): number | null {
    const own = open(this);
    if (own.self) return null;
    checkMaker(own, 'test');
    return own.popen?.poll() ?? null;
  }

  /** `Process-1`, its children `Process-1:1`; or what it was given. */
  get name(): string {
    return this[state].name;
  }

  /** A name for people; it need not be unique. */
  set name(value: string) {
    checkString('name', value);
    this[state].name = value;
  }

  /** Whether it dies with the process that started it. Throws `ERR_PROCESS_STARTED` when set on a started one. */
  get daemon(): boolean {
    return this[state].daemon;
  }

  /** Before `start()` only. */
  set daemon(value: boolean) {
    checkBoolean('daemon', value);
    const own = this[state];
    if (own.popen !== undefined || own.self) {
      throw new ProcessError('process has already started', 'ERR_PROCESS_STARTED');
    }
    own.daemon = value;
  }

  /** @internal */
  [inspect.custom](): string {
    const { closed, name, popen, self } = this[state];
    const exitcode = popen?.poll() ?? null;
    const how =
      self || (popen !== undefined && exitcode === null)
        ? 'running'
        : closed
          ? 'closed'
          : popen === undefined
            ? 'not started'
            : `exitcode: ${exitcode}`;
    const pid = closed || (popen === undefined && !self) ? '' : `, pid: ${this.pid}`;
    return `${this.constructor.name} { name: ${inspect(name)}${pid}, ${how} }`;
  }

  /** A descriptor that is readable from its end on, for `poll` and the like. It goes with `close()`. */
  get sentinel(): number {
    return started(this, 'watch').sentinel();
  }

  /**
   * What the target returned. Rejects with what it threw, or with `ProcessEndedError` where the process ended before its
   * target did. Looking at it keeps this process alive until then.
   */
  get result(): Promise<unknown> {
    const own = this[state];
    if (own.result === undefined) {
      if (own.popen === undefined) {
        return Promise.reject(
          new ProcessError('the process has not been started', 'ERR_PROCESS_NOT_STARTED'),
        );
      }
      const popen = started(this, 'ask');
      own.wanted = true;
      popen.hold(holds(own));
      own.result = new Promise((resolve, reject) =>
        popen.onEnd(() => settle(popen, own.name, resolve, reject)),
      );
      // Whoever wants the error asks for it; nobody has to.
      own.result.catch(() => {});
    }
    return own.result;
  }

  /** The key by which processes of one family know each other (`Listener`, `Client`, `Manager`). That of the current one, unless set. */
  get authkey(): Buffer {
    const own = this[state];
    return own.authkey ?? ownAuthkey();
  }

  /** Bytes; in the current process they are its own key from now on. */
  set authkey(value: Uint8Array) {
    if (!(value instanceof Uint8Array))
      throw invalidType('authkey', 'an instance of Buffer or Uint8Array', value);
    const own = this[state];
    own.authkey = Buffer.from(value);
    if (own.self) setOwnAuthkey(own.authkey);
  }
}

function setState(process: Process, value: State): void {
  Object.defineProperty(process, state, { value, configurable: true });
}

/** Daemonic ones keep this process only while somebody waits for them. */
const holds = ({ daemon, joiners, wanted }: State): boolean => !daemon || joiners > 0 || wanted;

function open(process: Process): State {
  const own = process[state];
  if (own.closed) throw new ProcessError('process object is closed', 'ERR_PROCESS_CLOSED');
  return own;
}

function checkMaker({ maker }: State, what: string): void {
  if (maker !== process.pid)
    throw new ProcessError(`can only ${what} a child process`, 'ERR_PROCESS_FOREIGN');
}

function started(process: Process, what: string): Popen {
  const own = open(process);
  if (own.self) throw new ProcessError(`cannot ${what} the current process`, 'ERR_PROCESS_SELF');
  checkMaker(own, what);
  if (own.popen === undefined) {
    throw new ProcessError(`can only ${what} a started process`, 'ERR_PROCESS_NOT_STARTED');
  }
  return own.popen;
}

/** @internal As `start()`, at once: throws what that rejects with. */
export function launch(process: Process): Popen {
  const own = open(process);
  if (own.popen !== undefined || own.self)
    throw new ProcessError('cannot start a process twice', 'ERR_PROCESS_STARTED');
  if (own.maker !== globalThis.process.pid) {
    throw new ProcessError(
      'can only start a process object created by current process',
      'ERR_PROCESS_FOREIGN',
    );
  }
  if (identity().daemon) {
    throw new ProcessError('daemonic processes are not allowed to have children', 'ERR_PROCESS_DAEMONIC');
  }
  for (const child of children) child[state].popen?.poll();
  watchOwnEnd();
  const me: Identity = {
    path: own.path,
    name: own.name,
    daemon: own.daemon,
    parentPid: globalThis.process.pid,
    parentName: identity().name,
  };
  const popen = startProcess(process, me, own, Process);
  own.popen = popen;
  children.add(process);
  popen.onEnd(() => void children.delete(process));
  popen.hold(holds(own));
  return popen;
}

const LONGEST_TIMER = 2 ** 31 - 1;

function ended(popen: Popen, timeout: number): Promise<void> {
  return new Promise((resolve) => {
    let timer: NodeJS.Timeout | undefined;
    if (timeout <= LONGEST_TIMER) timer = setTimeout(resolve, timeout);
    popen.onEnd(() => {
      clearTimeout(timer);
      resolve();
    });
  });
}

function settle(
  popen: Popen,
  name: string,
  resolve: (value: unknown) => void,
  reject: (error: unknown) => void,
): void {
  const outcome = popen.outcome();
  const exitcode = popen.poll() as number;
  if (outcome?.ok === true) resolve(outcome.value);
  else if (outcome !== undefined) reject(outcome.error);
  else if (exitcode === 0) resolve(undefined);
  else {
    reject(
      new ProcessEndedError(
        `process ${name} ${describeEnd(exitcode)} before its target came to an end`,
        exitcode,
      ),
    );
  }
}

/** What the object of a process that was sent over is made of. */
export interface Made {
  target?: ProcessOptions['target'];
  args: readonly unknown[];
  kwargs?: Record<string, unknown> | undefined;
}

/** The object for a process that prong has no Popen for: this one. */
export function selfObject(
  process: Process | undefined,
  { name, daemon, path }: Identity,
  made: Made = { args: [] },
): Process {
  const object = process ?? (Object.create(Process.prototype) as Process);
  const known = (object as Partial<Process>)[state];
  setState(object, {
    target: made.target,
    args: made.args,
    kwargs: made.kwargs,
    method: undefined,
    inherit: [],
    maker: globalThis.process.pid,
    result: undefined,
    joiners: 0,
    wanted: false,
    closed: false,
    authkey: undefined,
    ...known,
    name: known?.name ?? name,
    daemon,
    path,
    popen: undefined,
    self: true,
  });
  return object;
}
