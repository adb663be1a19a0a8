/** `run` and what is built on it. Source: CPython's `subprocess.run`, `call`, `check_call`, `check_output`. */
import { checkTimeout, invalidValue } from '../util/check.js';
import { CompletedProcess } from './completed-process.js';
import { PIPE } from './constants.js';
import { CalledProcessError, type Output, TimeoutExpired } from './errors.js';
import { type Launch, prepareLaunch } from './launch.js';
import { SpawnFlag } from './native.js';
import { END, Popen } from './popen.js';
import type { CallOptions, CheckOutputOptions, Command, RunOptions } from './types.js';

/** The launch of `run` or `runSync`. */
export function prepareRun(args: Command, options: RunOptions): Launch {
  const launch = prepareLaunch(args, options);
  const { captureOutput, input, timeout } = options;
  if (captureOutput) {
    for (const name of ['stdout', 'stderr'] as const) {
      if (options[name] === undefined || options[name] === null) launch.spec[name] = launch[name].mode = PIPE;
      else
        throw invalidValue(`options.${name}`, 'can not be given together with captureOutput', options[name]);
    }
  }
  if (input !== undefined && input !== null) {
    if (options.stdin !== undefined && options.stdin !== null) {
      throw invalidValue('options.stdin', 'can not be given together with input', options.stdin);
    }
    launch.spec.stdin = launch.stdin.mode = PIPE;
  }
  // "And everything it started" includes what makes itself an orphan.
  if (timeout !== undefined) launch.spec.flags |= SpawnFlag.subreaper;
  return launch;
}

/** Checks the arguments of the `check…` forms: what they set themselves. */
export function rejectOptions(options: object, name: string, ...forbidden: string[]): void {
  for (const key of forbidden) {
    if ((options as Record<string, unknown>)[key] !== undefined) {
      throw invalidValue(
        `options.${key}`,
        `is not for ${name}, which sets it`,
        (options as Record<string, unknown>)[key],
      );
    }
  }
}

/**
 * Runs a program to its end.
 * @param args the program and its arguments; a string names a program, or with `shell` is a line for it
 * @param options those of `Popen`; `input`, written to the program; `captureOutput`, to have `stdout` and `stderr`; `check`;
 * `timeout` in ms
 * @throws TimeoutExpired, once the program and everything it started is killed and reaped, with what it had printed;
 * CalledProcessError with `check`; MaxBufferError; ABORT_ERR; and as `Popen`
 */
export function run(
  args: Command,
  options: RunOptions &
    ({ text: true } | { encoding: Exclude<BufferEncoding, 'buffer'> } | { universalNewlines: true }),
): Promise<CompletedProcess<string>>;
export function run(
  args: Command,
  options?: RunOptions & { text?: false; encoding?: 'buffer' | null },
): Promise<CompletedProcess<Buffer>>;
export function run(args: Command, options?: RunOptions): Promise<CompletedProcess>;
export async function run(args: Command, options: RunOptions = {}): Promise<CompletedProcess<never>> {
  const launch = prepareRun(args, options);
  const timeout = checkTimeout(options.timeout);
  const child = new Popen(args, options, launch);
  try {
    const [stdout, stderr] = await child.communicate(options.input, { timeout });
    const completed = new CompletedProcess(args, child.returncode!, stdout, stderr);
    if (options.check) completed.checkReturncode();
    return completed as CompletedProcess<never>;
  } catch (error) {
    if (error instanceof CalledProcessError) throw error;
    const [stdout, stderr] = await child[END]();
    throw error instanceof TimeoutExpired ? new TimeoutExpired(args, timeout, stdout, stderr) : error;
  }
}

/**
 * Runs a program to its end and gives its return code. Don't use `PIPE` here: nobody reads it.
 * @throws TimeoutExpired, once the program and everything it started is killed; and as `Popen`
 */
export async function call(args: Command, options: CallOptions = {}): Promise<number> {
  const timeout = checkTimeout(options.timeout);
  const child = new Popen(args, options.timeout === undefined ? options : { trackOrphans: true, ...options });
  try {
    return await child.wait({ timeout });
  } catch (error) {
    await child[END]();
    throw error;
  }
}

/**
 * As `call`, but anything other than 0 is an error.
 * @throws CalledProcessError; and as `call`
 */
export async function checkCall(args: Command, options: CallOptions = {}): Promise<number> {
  const returncode = await call(args, options);
  if (returncode !== 0) throw new CalledProcessError(returncode, args);
  return returncode;
}

/**
 * Runs a program that must succeed and gives what it printed on stdout, as a Buffer or, in text mode, a string.
 * @throws CalledProcessError; and as `run`
 */
export function checkOutput(
  args: Command,
  options: CheckOutputOptions &
    ({ text: true } | { encoding: Exclude<BufferEncoding, 'buffer'> } | { universalNewlines: true }),
): Promise<string>;
export function checkOutput(
  args: Command,
  options?: CheckOutputOptions & { text?: false; encoding?: 'buffer' | null },
): Promise<Buffer>;
export function checkOutput(args: Command, options?: CheckOutputOptions): Promise<Output>;
export async function checkOutput(args: Command, options: CheckOutputOptions = {}): Promise<Output> {
  rejectOptions(options, 'checkOutput', 'stdout', 'check', 'captureOutput');
  return (await run(args, { ...options, stdout: PIPE, check: true } as RunOptions)).stdout;
}
