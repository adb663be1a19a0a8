/** The wait family. */
import { nativePart, requireNative } from '../binding.js';
import { checkInteger, outOfRange } from '../util/check.js';
import { checkPid } from './arguments.js';
import { registerInternalAtFork } from './at-fork.js';
import { type WaitResult, waitResult } from './wait-result.js';

/** Return at once where there is nothing to report. */
export const WNOHANG = 1;
/** Report children that were stopped, too. */
export const WUNTRACED = 2;
/** Report children that go on after a stop, too. */
export const WCONTINUED = 8;

const ALL_OPTIONS = WNOHANG | WUNTRACED | WCONTINUED;
const SMALLEST_PID = -(2 ** 31) + 1;
const ANY_CHILD = -1;

interface WaitBinding {
  wait(pid: number, options: number): [pid: number, status: number] | null;
  start(pid: number, options: number): number;
  look(): void;
  /** How many waits depend on SIGCHLD. */
  signalWaits(): number;
  afterFork(): void;
  failure(errno: number): Error;
  onReports(callback: (reports: number[]) => void): void;
}

interface Pending {
  resolve: (result: WaitResult) => void;
  reject: (error: Error) => void;
}

const native = nativePart<WaitBinding>('wait');
const pending = new Map<number, Pending>();
let listening = false;
let lookingSoon = false;

function deliver(reports: number[]): void {
  for (let i = 0; i < reports.length; i += 3) {
    const [id, pid, status] = reports.slice(i, i + 3) as [number, number, number];
    const wait = pending.get(id);
    if (wait === undefined) continue;
    pending.delete(id);
    if (pid < 0) wait.reject((native as WaitBinding).failure(pid));
    else wait.resolve(waitResult(pid, status));
  }
}

function listen(): void {
  if (listening) return;
  listening = true;
  (native as WaitBinding).onReports(deliver);
  registerInternalAtFork({
    // The children are the parent's: its waits neither end here nor keep this process running.
    afterInChild() {
      pending.clear();
      native?.afterFork();
    },
  });
}

/** A status may have come, or gone, without a SIGCHLD to tell of it. */
function lookSoon(from: WaitBinding): void {
  if (lookingSoon || from.signalWaits() === 0) return;
  lookingSoon = true;
  setImmediate(() => {
    lookingSoon = false;
    from.look();
  });
}

function binding(pid: unknown, options: unknown, what: string): WaitBinding {
  checkPid('pid', pid, SMALLEST_PID);
  checkInteger('options', options, 0);
  if ((options & ~ALL_OPTIONS) !== 0 || options > ALL_OPTIONS) {
    throw outOfRange('options', 'made of WNOHANG, WUNTRACED and WCONTINUED', options);
  }
  return native ?? requireNative<WaitBinding>('wait', what);
}

function take(from: WaitBinding, pid: number, options: number): WaitResult | null {
  let found: [number, number] | null;
  try {
    found = from.wait(pid, options);
  } finally {
    lookSoon(from);
  }
  return found === null ? null : waitResult(found[0], found[1]);
}

/**
 * Waits for a child to end: the one named by `pid`; any of them where `pid` is -1; any of the own process group where it
 * is 0, or of group `-pid` where it is below -1. The event loop goes on meanwhile, and is kept alive.
 *
 * Children that `child_process` or `prong/subprocess` started are theirs to reap. Asked for by number, such a child is
 * reported and its status left to them. Where any child is waited for, they are passed over, and so are those for
 * which another `waitpid` waits by number; what `child_process` started in another thread isn't known here.
 *
 * The promises of the parent stay pending for ever in the child of a `fork()`, and keep nothing alive there.
 *
 * @throws `ECHILD` where there is no such child, or somebody else has taken its status
 * @see https://pubs.opengroup.org/onlinepubs/9799919799/functions/waitpid.html
 */
export function waitpid(pid: number): Promise<WaitResult>;
/**
 * The same, with options.
 *
 * @param options a bit set: `WNOHANG` (give `null` where there is nothing to report), `WUNTRACED`, `WCONTINUED`
 */
export function waitpid(pid: number, options: number | undefined): Promise<WaitResult | null>;
export async function waitpid(pid: number, options = 0): Promise<WaitResult | null> {
  const from = binding(pid, options, 'waitpid()');
  const now = take(from, pid, options | WNOHANG);
  if (now !== null || (options & WNOHANG) !== 0) return now;
  listen();
  return new Promise((resolve, reject) => {
    const id = from.start(pid, options);
    pending.set(id, { resolve, reject });
    lookSoon(from);
  });
}

/**
 * As `waitpid`, but blocks this thread. A signal doesn't end it; its JavaScript handler runs afterwards.
 *
 * @throws `ECHILD`
 */
export function waitpidSync(pid: number): WaitResult;
export function waitpidSync(pid: number, options: number | undefined): WaitResult | null;
export function waitpidSync(pid: number, options = 0): WaitResult | null {
  return take(binding(pid, options, 'waitpidSync()'), pid, options);
}

/** Waits for any child to end: `waitpid(-1)`. */
export function wait(): Promise<WaitResult> {
  return waitpid(ANY_CHILD);
}

/** As `wait`, but blocks this thread. */
export function waitSync(): WaitResult {
  return waitpidSync(ANY_CHILD);
}
