/** `Popen`: a program that runs beside this one. Source: CPython's class of the same name. */
import { constants } from 'node:os';
import { Readable, type Writable } from 'node:stream';
import { startFallback } from '../fallback/subprocess.js';
import { checkTimeout, invalidValue } from '../util/check.js';
import type { Child, Conversation, OutputStream } from './child.js';
import { PIPE } from './constants.js';
import { abortError, MaxBufferError, type Output, TimeoutExpired } from './errors.js';
import { rejectAsync, resolveInput, type Source } from './input.js';
import { type Launch, prepareLaunch } from './launch.js';
import { native } from './native.js';
import { NativeChild } from './native-child.js';
import { startPumps } from './pump.js';
import { signalNumber } from './signals.js';
import type { ResolvedStdio } from './stdio.js';
import { decode } from './text.js';
import { within } from './time-limit.js';
import type { Command, Input, PopenOptions, WaitOptions } from './types.js';

/** How long the pipes of a killed program may stay open, in ms, before its output is taken as it is. */
const GRACE = 200;

/** For the functions of run.ts: ends the program and all below it, and gives what it had printed. */
export const END = Symbol('end');

const isPipe = ({ mode, pump }: ResolvedStdio) => mode === PIPE && pump === undefined;

/** What `communicate` gives: `null` for what is no pipe; strings in text mode. */
export type Communicated = [stdout: Output, stderr: Output];

/**
 * A program that runs: Python's `subprocess.Popen`. It is started by the constructor, which throws what the system says (`ENOENT`, `EACCES`, …)
 * where it can't be.
 */
export class Popen {
  readonly #launch: Launch;
  readonly #child: Child;
  readonly #pumps: Promise<void>[];
  /** The option `input`, kept until somebody writes it. */
  #input: Source | undefined;
  readonly #given: Source | undefined;
  #stdin: Writable | undefined;
  #conversation: Conversation | undefined;
  #exit: Promise<void> | undefined;
  #aborted = false;

  /**
   * Starts a program and returns at once.
   * @param args the program and its arguments; a string names a program, or with `shell` is a line for it
   * @param options see `PopenOptions`
   * @throws ENOENT, EACCES, E2BIG, ENOEXEC (`syscall` 'execve', `path` the program), ENOENT and others with 'chdir' (`path`
   * the directory), EAGAIN where no more processes are allowed, EMFILE; `ERR_…` for wrong arguments, before anything is
   * started; ABORT_ERR if `signal` is aborted already; SubprocessError if `preexecFn` throws
   */
  constructor(args: Command, options?: PopenOptions);
  /** @internal */
  constructor(args: Command, options?: PopenOptions, prepared?: Launch);
  constructor(args: Command, options: PopenOptions = {}, prepared?: Launch) {
    const launch = prepared ?? prepareLaunch(args, options);
    this.#launch = launch;
    this.#input = this.#given = prepared === undefined ? resolveInput(options.input, launch.text) : undefined;
    if (this.#input !== undefined) {
      if (options.stdin !== undefined && options.stdin !== null && options.stdin !== PIPE) {
        throw invalidValue('options.input', 'can not be given together with stdin', options.stdin);
      }
      launch.spec.stdin = launch.stdin.mode = PIPE;
    }
    this.#child = native === undefined ? startFallback(launch) : new NativeChild(launch);
    this.#pumps = startPumps(this.#child, launch);
    if (this.#input !== undefined) queueMicrotask(() => this.#feed());
    this.#obey(launch.signal);
  }

  #obey(signal: AbortSignal | undefined): void {
    if (signal === undefined) return;
    const abort = () => {
      this.#aborted = true;
      this.killTree();
    };
    signal.addEventListener('abort', abort, { once: true });
    this.#child.onExit(() => signal.removeEventListener('abort', abort));
  }

  /** The process's number. */
  get pid(): number {
    return this.#child.pid;
  }

  /** `null` while it runs, then the exit code, or `-N` if signal N ended it. */
  get returncode(): number | null {
    return this.#child.returncode;
  }

  /** The command as it was given. */
  get args(): Command {
    return this.#launch.args;
  }

  /** With `stdin: PIPE`, where to write for the program; else `null`. */
  get stdin(): Writable | null {
    if (this.#given !== undefined || !isPipe(this.#launch.stdin)) return null;
    this.#stdin ??= this.#child.writer();
    return this.#stdin;
  }

  /** With `stdout: PIPE`, what the program prints; else `null`. */
  get stdout(): OutputStream | null {
    return isPipe(this.#launch.stdout) ? this.#child.reader(1) : null;
  }

  /** With `stderr: PIPE`, what the program prints there; else `null`. */
  get stderr(): OutputStream | null {
    return isPipe(this.#launch.stderr) ? this.#child.reader(2) : null;
  }

  /** Writes the option `input`, unless `communicate` has taken it by then. */
  #feed(): void {
    const source = this.#input;
    this.#input = undefined;
    if (source === undefined) return;
    const writer = this.#child.writer();
    // A program that doesn't want its input is no error.
    writer.on('error', () => {});
    if (source.kind === 'bytes') {
      writer.end(source.bytes);
      return;
    }
    const stream = Readable.from(source.stream as AsyncIterable<unknown>, { objectMode: true });
    stream.once('error', (error) => writer.destroy(error));
    this.#child.onExit(() => stream.unpipe(writer));
    stream.pipe(writer);
  }

  #decoded(): Communicated {
    const { stdout, stderr, text } = this.#launch;
    const outputs = this.#conversation?.collected();
    const of = (index: 0 | 1, stdio: ResolvedStdio): Output => {
      if (outputs === undefined || !isPipe(stdio)) return null;
      return text === null ? outputs[index] : decode(outputs[index], text);
    };
    return [of(0, stdout), of(1, stderr)];
  }

  #converse(input: Input | null | undefined): Conversation {
    let source = resolveInput(input, this.#launch.text);
    if (this.#conversation !== undefined) {
      if (source === undefined) return this.#conversation;
      throw invalidValue('input', 'can not be sent after communicate() has started', input);
    }
    const closed = !isPipe(this.#launch.stdin) || this.#stdin?.writableEnded || this.#stdin?.destroyed;
    if (source !== undefined && (closed || this.#given !== undefined)) {
      throw invalidValue('input', 'can not be sent, because stdin is not an open pipe', input);
    }
    source ??= this.#input;
    this.#input = undefined;
    this.#conversation = this.#child.converse(source);
    return this.#conversation;
  }

  #exited(): Promise<void> {
    this.#exit ??= new Promise((resolve) => this.#child.onExit(resolve));
    return this.#exit;
  }

  /**
   * Writes `input` to the program and closes its stdin, collects what it prints until the end, and waits for it. Any
   * amount on all three pipes.
   * @param input needs `stdin: PIPE`
   * @param options `timeout` in ms. When it runs out nothing is lost and nothing is killed: call again, without input
   * @returns `[stdout, stderr]`, each `null` where it isn't a pipe
   * @throws TimeoutExpired with what has come so far, MaxBufferError, ABORT_ERR, what the input's iterator throws,
   * ERR_INVALID_ARG_VALUE, ERR_INVALID_ARG_TYPE
   */
  async communicate(input?: Input | null, options: WaitOptions = {}): Promise<Communicated> {
    const timeout = checkTimeout(options.timeout);
    if (this.#conversation === undefined) this.#child.checkOwner();
    const conversation = this.#converse(input);
    const talked = conversation.start().then(async () => {
      // Too much was printed: it would wait for ever for somebody to read the rest.
      if (conversation.overflown) this.killTree();
      await this.#exited();
      if (this.#pumps.length > 0) await Promise.all(this.#pumps);
    });
    if (timeout === Number.POSITIVE_INFINITY && this.#launch.signal === undefined) await talked;
    else if (!(await within(Promise.race([talked, this.#abandoned()]), timeout))) {
      talked.catch(() => {});
      throw new TimeoutExpired(this.args, timeout, ...this.#decoded());
    }
    return this.#outcome();
  }

  /** After an abort: when the program is dead and what held its pipes had time to follow. Else never. */
  #abandoned(): Promise<void> {
    return new Promise((resolve) => {
      if (this.#launch.signal === undefined) return;
      this.#child.onExit(() => {
        if (this.#aborted) setTimeout(resolve, GRACE);
      });
    });
  }

  #outcome(): Communicated {
    if (this.#aborted) {
      this.#conversation?.close();
      throw abortError(this.#launch.signal!);
    }
    const outputs = this.#decoded();
    if (this.#conversation?.overflown)
      throw new MaxBufferError(this.args, this.#launch.maxBuffer, ...outputs);
    return outputs;
  }

  /**
   * As `communicate`, but blocks the thread. `input` can't be a stream or an async iterable.
   * @throws as `communicate`
   */
  communicateSync(input?: Input | null, options: WaitOptions = {}): Communicated {
    const timeout = checkTimeout(options.timeout);
    const until = performance.now() + timeout;
    rejectAsync(resolveInput(input, this.#launch.text));
    rejectAsync(this.#input);
    if (this.#conversation === undefined) this.#child.checkOwner();
    const conversation = this.#converse(input);
    const talked = conversation.runSync(timeout);
    if (conversation.overflown) this.killTree();
    if (talked)
      this.#child.waitSync(
        conversation.overflown ? Number.POSITIVE_INFINITY : Math.max(0, until - performance.now()),
      );
    if (this.returncode === null) throw new TimeoutExpired(this.args, timeout, ...this.#decoded());
    return this.#outcome();
  }

  /**
   * Waits for the program's end. Where its output is pumped into a stream, for the end of that too.
   * @param options `timeout` in ms
   * @returns `returncode`
   * @throws TimeoutExpired; ABORT_ERR; ECHILD in a forked process, for what its parent started
   */
  async wait(options: WaitOptions = {}): Promise<number> {
    const timeout = checkTimeout(options.timeout);
    if (this.returncode === null) this.#child.checkOwner();
    this.#child.poll();
    const ended = this.#pumps.length === 0 ? this.#exited() : Promise.all([this.#exited(), ...this.#pumps]);
    if (!(await within(ended, timeout))) throw new TimeoutExpired(this.args, timeout);
    if (this.#aborted) throw abortError(this.#launch.signal!);
    return this.returncode!;
  }

  /**
   * As `wait`, but blocks the thread.
   * @throws TimeoutExpired; ECHILD in a forked process, for what its parent started
   */
  waitSync(options: WaitOptions = {}): number {
    const timeout = checkTimeout(options.timeout);
    if (this.#input?.kind === 'bytes') this.#feed();
    this.#child.waitSync(timeout);
    if (this.returncode === null) throw new TimeoutExpired(this.args, timeout);
    return this.returncode;
  }

  /** Looks whether the program has ended. Returns `returncode`, `null` while it runs. */
  poll(): number | null {
    this.#child.poll();
    return this.returncode;
  }

  /**
   * Sends a signal to the program; nothing if it has ended.
   * @param signal by name or number
   * @throws EPERM; ERR_UNKNOWN_SIGNAL
   */
  sendSignal(signal: NodeJS.Signals | number): void {
    this.#child.kill(signalNumber(signal));
  }

  /** Sends SIGTERM. */
  terminate(): void {
    this.#child.kill(constants.signals.SIGTERM);
  }

  /** Sends SIGKILL. */
  kill(): void {
    this.#child.kill(constants.signals.SIGKILL);
  }

  /**
   * Sends a signal to the program and everything below it: all are stopped first, so that none can fork away. Found are
   * descendants; orphans among them where the program has a session or process group of its own, still holds one of our
   * pipes, or was started with `trackOrphans`. With SIGKILL they are gone when this returns.
   * @param signal by name or number
   * @throws ERR_UNKNOWN_SIGNAL
   */
  killTree(signal: NodeJS.Signals | number = 'SIGKILL'): void {
    this.#child.killTree(signalNumber(signal));
  }

  /** This process stays alive while the program runs (the default). */
  ref(): this {
    this.#child.hold(true);
    return this;
  }

  /** This process need not stay alive while the program runs. */
  unref(): this {
    this.#child.hold(false);
    return this;
  }

  /** @internal */
  async [END](): Promise<Communicated> {
    this.killTree();
    await this.#exited();
    if (this.#conversation !== undefined)
      await within(
        this.#conversation.start().catch(() => {}),
        GRACE,
      );
    this.#child.closePipes();
    return this.#decoded();
  }

  /** @internal The blocking twin of `[END]`. */
  endSync(): Communicated {
    this.killTree();
    this.#child.waitSync(Number.POSITIVE_INFINITY);
    this.#conversation?.runSync(0);
    this.#child.closePipes();
    return this.#decoded();
  }

  /** As the end of Python's `with`: closes the pipes and waits. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.closePipes();
    await this.#exited();
  }

  /** As the end of Python's `with`: closes the pipes and waits. */
  [Symbol.dispose](): void {
    this.#child.closePipes();
    this.#child.waitSync(Number.POSITIVE_INFINITY);
  }
}
