/** The errors of `prong/subprocess`, named as Python's. */
import { constants } from 'node:os';
import { ProngError } from '../errors.js';

/** What was collected: bytes, or text in text mode; `null` where nothing was. */
export type Output = Buffer | string | null;

const SHOWN = 2000;

/** The end of an output, where programs say what went wrong. */
function shorten(output: Output): string {
  if (output === null || output.length === 0) return '';
  const text = (typeof output === 'string' ? output : output.subarray(-4 * SHOWN).toString('utf8')).trimEnd();
  return text.length <= SHOWN ? text : `[...] ${text.slice(-SHOWN)}`;
}

function describeCommand(cmd: string | readonly string[]): string {
  const text =
    typeof cmd === 'string'
      ? cmd
      : cmd.map((arg) => (/^[\w./:=@%+,-]+$/.test(arg) ? arg : JSON.stringify(arg))).join(' ');
  return text.length <= 500 ? text : `${text.slice(0, 500)}[...]`;
}

/** The name of a signal by its number, `SIG34` where it has none. */
export function signalName(number: number): string {
  for (const [name, value] of Object.entries(constants.signals)) if (value === number) return name;
  return `SIG${number}`;
}

/** The base of the errors below. `code` is stable. */
export class SubprocessError extends ProngError {}

/** A program that was to succeed (`check`) ended with another code than 0, or by a signal. `code`: 'ECALLEDPROCESS'. */
export class CalledProcessError extends SubprocessError {
  readonly returncode: number;
  readonly cmd: string | readonly string[];
  readonly stdout: Output;
  readonly stderr: Output;

  constructor(
    returncode: number,
    cmd: string | readonly string[],
    stdout: Output = null,
    stderr: Output = null,
  ) {
    const how =
      returncode < 0 ? `died with ${signalName(-returncode)}` : `returned non-zero exit status ${returncode}`;
    const shown = [shorten(stderr), shorten(stdout)].filter((text) => text !== '').join('\n');
    super('ECALLEDPROCESS', `Command "${describeCommand(cmd)}" ${how}.${shown === '' ? '' : `\n${shown}`}`);
    this.returncode = returncode;
    this.cmd = cmd;
    this.stdout = stdout;
    this.stderr = stderr;
  }

  /** Python's other name of `stdout`. */
  get output(): Output {
    return this.stdout;
  }

  /** The signal that ended the program, `null` if none did. */
  get signal(): string | null {
    return this.returncode < 0 ? signalName(-this.returncode) : null;
  }
}

/** Time ran out. Carries what the program had printed by then. `code`: 'ETIMEDOUT'. */
export class TimeoutExpired extends SubprocessError {
  readonly cmd: string | readonly string[];
  /** Milliseconds. */
  readonly timeout: number;
  readonly stdout: Output;
  readonly stderr: Output;

  constructor(
    cmd: string | readonly string[],
    timeout: number,
    stdout: Output = null,
    stderr: Output = null,
  ) {
    super('ETIMEDOUT', `Command "${describeCommand(cmd)}" timed out after ${timeout} ms`);
    this.cmd = cmd;
    this.timeout = timeout;
    this.stdout = stdout;
    this.stderr = stderr;
  }

  /** Python's other name of `stdout`. */
  get output(): Output {
    return this.stdout;
  }
}

/** An output became longer than `maxBuffer`. Carries what fitted. `code`: 'ERR_CHILD_PROCESS_STDIO_MAXBUFFER', as Node's. */
export class MaxBufferError extends SubprocessError {
  readonly cmd: string | readonly string[];
  readonly stdout: Output;
  readonly stderr: Output;

  constructor(cmd: string | readonly string[], limit: number, stdout: Output, stderr: Output) {
    super(
      'ERR_CHILD_PROCESS_STDIO_MAXBUFFER',
      `Command "${describeCommand(cmd)}" printed more than maxBuffer, ${limit} bytes`,
    );
    this.cmd = cmd;
    this.stdout = stdout;
    this.stderr = stderr;
  }
}

/** The error for an aborted `signal`, as Node's. */
export function abortError(signal: AbortSignal): Error {
  const error = new Error('The operation was aborted', { cause: signal.reason });
  error.name = 'AbortError';
  return Object.assign(error, { code: 'ABORT_ERR' });
}
