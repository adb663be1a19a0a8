/** Talking to a daemon by its name. */
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { ProngError, TimeoutError } from '../errors.js';
import { close } from '../posix/descriptors.js';
import { checkBoolean, checkString, checkTimeout, invalidType } from '../util/check.js';
import { ControlError, NotRunningError } from './errors.js';
import { native } from './native.js';
import { checkSocketPath, pidfilePath, socketPath } from './paths.js';
import { Pidfile } from './pidfile.js';

const DEFAULT_TIMEOUT = 5000;
const STOP_TIMEOUT = 30_000;
const LONGEST_ANSWER = 1 << 20;

/** How long a daemon may take to answer. */
export interface TimeoutOptions {
  /** In ms; 5000 where nothing is given, for `stop` 30,000. */
  timeout?: number;
}

/** How `stop()` ends a daemon. */
export interface StopOptions extends TimeoutOptions {
  /** Kill the daemon with SIGKILL when the time is over. */
  force?: boolean;
}

/** In bytes. */
export interface DaemonMemory {
  rss: number;
  heapTotal: number;
  heapUsed: number;
  external: number;
  arrayBuffers: number;
  /** Proportional set size: what it shares with other processes counts in part. `undefined` where /proc doesn't say. */
  pss?: number;
}

/** What a daemon answers to `ping()`. */
export interface PingResult {
  pid: number;
  /** Since it became a daemon, in ms. */
  uptime: number;
  /** From the question to the answer, in ms. */
  latency: number;
  memory: DaemonMemory;
  /** `'starting'`, `'running'`, or what the daemon says of itself. */
  status: string;
}

/** What a daemon answers to `status()`. */
export interface StatusResult extends PingResult {
  name: string | null;
  /** When it became a daemon, as ISO 8601 has it. */
  startedAt: string;
  node: string;
  pidfile: string | null;
  title: string;
}

function check(name: unknown, options: unknown): asserts name is string {
  checkString('name', name);
  if (options !== undefined && (typeof options !== 'object' || options === null))
    throw invalidType('options', 'an object', options);
}

class Conversation {
  readonly #name: string;
  readonly #socket: Socket;
  /** Who listens there, as the kernel knows. */
  readonly pid: number | undefined;

  private constructor(name: string, socket: Socket) {
    this.#name = name;
    this.#socket = socket;
    const fd = (socket as unknown as { _handle?: { fd?: number } })._handle?.fd ?? -1;
    this.pid = fd >= 0 ? native?.peerOf(fd)[0] : undefined;
  }

  static open(name: string, timeout: number): Promise<Conversation> {
    const path = socketPath(name);
    checkSocketPath(path);
    return new Promise((resolve, reject) => {
      const socket = connect({ path });
      const limit = timer(timeout, () => {
        socket.destroy();
        reject(new TimeoutError(`${name} does not answer within ${timeout} ms`));
      });
      socket.once('error', (error: NodeJS.ErrnoException) => {
        clearTimeout(limit);
        const nobody = error.code === 'ENOENT' || error.code === 'ECONNREFUSED';
        reject(nobody ? new NotRunningError(name) : error);
      });
      socket.once('connect', () => {
        clearTimeout(limit);
        socket.removeAllListeners('error');
        try {
          resolve(new Conversation(name, socket));
        } catch (error) {
          socket.destroy();
          reject(error);
        }
      });
    });
  }

  ask(command: string, timeout: number): Promise<Record<string, unknown>> {
    const socket = this.#socket;
    return new Promise((resolve, reject) => {
      let text = '';
      const fail = (error: Error) => {
        clearTimeout(limit);
        socket.destroy();
        reject(error);
      };
      const limit = timer(timeout, () =>
        fail(new TimeoutError(`${this.#name} does not answer within ${timeout} ms`)),
      );
      socket.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk;
        if (text.length > LONGEST_ANSWER) fail(new ControlError(`${this.#name} answers without end`));
      });
      socket.on('error', fail);
      socket.on('close', () => {
        clearTimeout(limit);
        try {
          resolve(understand(this.#name, text));
        } catch (error) {
          reject(error);
        }
      });
      socket.write(`${JSON.stringify({ command })}\n`);
    });
  }

  close(): void {
    this.#socket.destroy();
  }
}

function timer(ms: number, end: () => void): NodeJS.Timeout | undefined {
  return ms <= 2 ** 31 - 1 ? setTimeout(end, ms) : undefined;
}

function understand(name: string, text: string): Record<string, unknown> {
  let answer: Record<string, unknown>;
  try {
    answer = JSON.parse(text) as Record<string, unknown>;
  } catch {
    throw new ControlError(`${name} closed the connection without an answer`);
  }
  if (answer.ok === true) return answer;
  throw new ProngError(
    typeof answer.code === 'string' ? answer.code : 'ERR_CONTROL',
    `${name}: ${String(answer.error)}`,
  );
}

async function ask(name: string, command: string, timeout: number): Promise<Record<string, unknown>> {
  const start = performance.now();
  const conversation = await Conversation.open(name, timeout);
  const { ok, ...answer } = await conversation.ask(
    command,
    Math.max(0, timeout - (performance.now() - start)),
  );
  return { ...answer, latency: performance.now() - start };
}

/**
 * Asks a daemon whether it is there. It answers from its event loop: one that is stuck doesn't.
 *
 * @param name its name, or the path of its control socket
 * @throws `NotRunningError`, `TimeoutError`, `ENAMETOOLONG`, `EACCES` where it is another user's
 */
export async function ping(name: string, options?: TimeoutOptions): Promise<PingResult> {
  check(name, options);
  const timeout = checkTimeout(options?.timeout ?? DEFAULT_TIMEOUT);
  return (await ask(name, 'ping', timeout)) as unknown as PingResult;
}

/** As `ping`, with what else there is to know about a daemon. */
export async function status(name: string, options?: TimeoutOptions): Promise<StatusResult> {
  check(name, options);
  const timeout = checkTimeout(options?.timeout ?? DEFAULT_TIMEOUT);
  return (await ask(name, 'status', timeout)) as unknown as StatusResult;
}

/**
 * Lets a daemon open its logs again and run its handlers of SIGHUP.
 *
 * @throws as `ping`, and what a handler threw
 */
export async function reload(name: string, options?: TimeoutOptions): Promise<void> {
  check(name, options);
  await ask(name, 'reload', checkTimeout(options?.timeout ?? DEFAULT_TIMEOUT));
}

/** Waits for the end of a process that may be a stranger's; a number that is used again doesn't deceive. */
class Ending {
  readonly #pid: number;
  readonly #pidfd: number | undefined;

  constructor(pid: number) {
    this.#pid = pid;
    try {
      this.#pidfd = native?.pidfdOpen(pid);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOSYS') throw error;
    }
  }

  get hasEnded(): boolean {
    if (this.#pidfd !== undefined) return native!.hasEnded(this.#pidfd, 0);
    try {
      process.kill(this.#pid, 0);
      return false;
    } catch (error) {
      return (error as NodeJS.ErrnoException).code === 'ESRCH';
    }
  }

  signal(signal: NodeJS.Signals): void {
    if (!this.hasEnded) process.kill(this.#pid, signal);
  }

  async within(ms: number): Promise<boolean> {
    const end = performance.now() + ms;
    for (let pause = 1; !this.hasEnded; pause = Math.min(pause * 2, 20)) {
      if (performance.now() >= end) return false;
      await sleep(pause);
    }
    return true;
  }

  close(): void {
    if (this.#pidfd !== undefined) close(this.#pidfd);
  }
}

/** Without a control socket there may still be a pidfile. */
function byPidfile(name: string): number {
  const pid =
    name.includes('/') || native === undefined ? undefined : new Pidfile(pidfilePath(name)).holder();
  if (pid === undefined) throw new NotRunningError(name);
  return pid;
}

async function openEnding(pid: number, name: string): Promise<Ending> {
  try {
    return new Ending(pid);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') throw new NotRunningError(name);
    throw error;
  }
}

/**
 * Ends a daemon and waits until it is really gone.
 *
 * @returns its pid
 * @throws `TimeoutError` where it is still there after `timeout` ms; with `force` it is killed instead. Otherwise as
 * `ping`
 */
export async function stop(name: string, options?: StopOptions): Promise<{ pid: number }> {
  check(name, options);
  const timeout = checkTimeout(options?.timeout ?? STOP_TIMEOUT);
  if (options?.force !== undefined) checkBoolean('options.force', options.force);
  const end = performance.now() + timeout;
  const conversation = await Conversation.open(name, timeout).catch((error: unknown) => {
    if (error instanceof NotRunningError) return undefined;
    throw error;
  });
  let pid = conversation?.pid;
  if (conversation !== undefined && pid === undefined) pid = (await ping(name, { timeout })).pid;
  const byName = conversation === undefined;
  pid ??= byPidfile(name);
  const ending = await openEnding(pid, name);
  try {
    if (byName) ending.signal('SIGTERM');
    // What counts is the end; a daemon that refuses says so.
    else await Promise.race([refusal(conversation, end), ending.within(timeout)]);
    if (await ending.within(Math.max(0, end - performance.now()))) return { pid };
    if (options?.force !== true)
      throw new TimeoutError(`${name} (pid ${pid}) has not ended within ${timeout} ms`);
    ending.signal('SIGKILL');
    await ending.within(Number.POSITIVE_INFINITY);
    return { pid };
  } finally {
    conversation?.close();
    ending.close();
  }
}

async function refusal(conversation: Conversation, end: number): Promise<void> {
  try {
    await conversation.ask('stop', Math.max(1, end - performance.now()));
  } catch (error) {
    if ((error as { code?: string }).code === 'EACCES') throw error;
  }
}
