/** The blocking twins of run.ts: one native call, no event loop. */
import type { Writable } from 'node:stream';
import { runSyncFallback } from '../fallback/subprocess-sync.js';
import { checkTimeout } from '../util/check.js';
import { CompletedProcess } from './completed-process.js';
import { PIPE } from './constants.js';
import { CalledProcessError, MaxBufferError, type Output, TimeoutExpired } from './errors.js';
import { rejectAsync, resolveInput, type Source } from './input.js';
import type { Launch } from './launch.js';
import { native, Outcome } from './native.js';
import { Popen } from './popen.js';
import { prepareRun, rejectOptions } from './run.js';
import { decode } from './text.js';
import type { CallOptions, CheckOutputOptions, Command, RunOptions } from './types.js';

export interface SyncResult {
  returncode: number;
  outcome: number;
  stdout: Buffer | undefined;
  stderr: Buffer | undefined;
}

// [pid, returncode, outcome], filled in by the native side.
const result = new Int32Array(3);

function runNative(launch: Launch, source: Source | undefined, timeout: number): SyncResult {
  const input = source?.kind === 'bytes' ? source.bytes : undefined;
  const limit = timeout === Number.POSITIVE_INFINITY ? -1 : timeout;
  const [stdout, stderr] = native!.run(launch.spec, input, limit, launch.maxBuffer, result);
  return { returncode: result[1]!, outcome: result[2]!, stdout, stderr };
}

/** By Popen, for what needs JavaScript in between. */
function runStepwise(launch: Launch, options: RunOptions, timeout: number): SyncResult {
  const child = new Popen(launch.args, options, { ...launch, text: null });
  const finish = (outcome: number, [stdout, stderr]: [Output, Output]): SyncResult => ({
    returncode: child.returncode!,
    outcome,
    stdout: (stdout as Buffer | null) ?? undefined,
    stderr: (stderr as Buffer | null) ?? undefined,
  });
  try {
    return finish(Outcome.done, child.communicateSync(options.input, { timeout }));
  } catch (error) {
    const outputs = child.endSync();
    if (error instanceof TimeoutExpired) return finish(Outcome.timeout, outputs);
    if (error instanceof MaxBufferError) return finish(Outcome.overflow, outputs);
    throw error;
  }
}

/** Output for a stream without a descriptor is collected, and written at the end. */
function collectPumps(launch: Launch): { stdout?: Writable; stderr?: Writable } {
  const streams: { stdout?: Writable; stderr?: Writable } = {};
  for (const name of ['stdout', 'stderr'] as const) {
    const { pump } = launch[name];
    if (pump === undefined) continue;
    streams[name] = pump as Writable;
    launch[name] = { mode: PIPE };
  }
  return streams;
}

/**
 * As `run`, but blocks the thread. `input` and `stdin` can't be streams without a descriptor or async iterables.
 * @throws as `run`
 */
export function runSync(
  args: Command,
  options: RunOptions &
    ({ text: true } | { encoding: Exclude<BufferEncoding, 'buffer'> } | { universalNewlines: true }),
): CompletedProcess<string>;
export function runSync(
  args: Command,
  options?: RunOptions & { text?: false; encoding?: 'buffer' | null },
): CompletedProcess<Buffer>;
export function runSync(args: Command, options?: RunOptions): CompletedProcess;
export function runSync(args: Command, options: RunOptions = {}): CompletedProcess<never> {
  const launch = prepareRun(args, options);
  const timeout = checkTimeout(options.timeout);
  const source = resolveInput(options.input, launch.text);
  rejectAsync(source);
  const pumped = launch.stdin.pump;
  if (pumped !== undefined)
    rejectAsync({ kind: 'async', iterator: pumped[Symbol.asyncIterator as never], stream: pumped });
  const streams = collectPumps(launch);
  let ended: SyncResult;
  if (native === undefined) ended = runSyncFallback(launch, source, timeout);
  else if (launch.preexecFn !== undefined || source?.kind === 'sync')
    ended = runStepwise(launch, options, timeout);
  else {
    ended = runNative(launch, source, timeout);
    launch.stdin.given?.destroy();
    launch.stdout.given?.destroy();
    launch.stderr.given?.destroy();
  }
  const collect = (bytes: Buffer | undefined, stream: Writable | undefined): Output => {
    if (stream !== undefined && bytes !== undefined) stream.write(bytes);
    if (stream !== undefined || bytes === undefined) return null;
    return launch.text === null ? bytes : decode(bytes, launch.text);
  };
  const stdout = collect(ended.stdout, streams.stdout);
  const stderr = collect(ended.stderr, streams.stderr);
  if (ended.outcome === Outcome.timeout) throw new TimeoutExpired(args, timeout, stdout, stderr);
  if (ended.outcome === Outcome.overflow) throw new MaxBufferError(args, launch.maxBuffer, stdout, stderr);
  if (ended.outcome === Outcome.noMemory) {
    throw Object.assign(new RangeError("The program's output does not fit into memory"), { code: 'ENOMEM' });
  }
  const completed = new CompletedProcess(args, ended.returncode, stdout, stderr);
  if (options.check) completed.checkReturncode();
  return completed as CompletedProcess<never>;
}

/**
 * As `call`, but blocks the thread.
 * @throws as `call`
 */
export function callSync(args: Command, options: CallOptions = {}): number {
  return runSync(args, options as RunOptions).returncode;
}

/**
 * As `checkCall`, but blocks the thread.
 * @throws as `checkCall`
 */
export function checkCallSync(args: Command, options: CallOptions = {}): number {
  const returncode = callSync(args, options);
  if (returncode !== 0) throw new CalledProcessError(returncode, args);
  return returncode;
}

/**
 * As `checkOutput`, but blocks the thread.
 * @throws as `checkOutput`
 */
export function checkOutputSync(
  args: Command,
  options: CheckOutputOptions &
    ({ text: true } | { encoding: Exclude<BufferEncoding, 'buffer'> } | { universalNewlines: true }),
): string;
export function checkOutputSync(
  args: Command,
  options?: CheckOutputOptions & { text?: false; encoding?: 'buffer' | null },
): Buffer;
export function checkOutputSync(args: Command, options?: CheckOutputOptions): Output;
export function checkOutputSync(args: Command, options: CheckOutputOptions = {}): Output {
  rejectOptions(options, 'checkOutputSync', 'stdout', 'check', 'captureOutput');
  return runSync(args, { ...options, stdout: PIPE, check: true } as RunOptions).stdout;
}
