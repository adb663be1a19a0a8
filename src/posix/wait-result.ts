/** What a wait status says. */
import { checkInteger, outOfRange } from '../util/check.js';
import { signalName } from './signal-names.js';

/** How a child ended, or what else became of it. */
export interface WaitResult {
  pid: number;
  /** The status as `waitpid(2)` gives it. */
  status: number;
  /** The code it ended with; `null` where it didn't end by itself. */
  exitCode: number | null;
  /** The signal that ended it, or that stopped it; `null` where there was none. */
  signal: NodeJS.Signals | null;
  coreDumped: boolean;
  /** It is stopped, and was waited for with `WUNTRACED`. */
  stopped: boolean;
  /** It goes on after a stop, and was waited for with `WCONTINUED`. */
  continued: boolean;
}

const SIGNAL_BITS = 0x7f;
const CORE_BIT = 0x80;
const STOPPED = 0x7f;
const CONTINUED = 0xffff;
const INT_MAX = 2 ** 31 - 1;

const highByte = (status: number) => (status >> 8) & 0xff;
const isContinued = (status: number) => status === CONTINUED;
const isStopped = (status: number) => (status & 0xff) === STOPPED;
const hasExited = (status: number) => (status & SIGNAL_BITS) === 0;

export function waitResult(pid: number, status: number): WaitResult {
  const continued = isContinued(status);
  const stopped = isStopped(status);
  const exited = !continued && hasExited(status);
  const killed = !continued && !stopped && !exited;
  let signal: NodeJS.Signals | null = null;
  if (killed) signal = signalName(status & SIGNAL_BITS);
  else if (stopped) signal = signalName(highByte(status));
  return {
    pid,
    status,
    exitCode: exited ? highByte(status) : null,
    signal,
    coreDumped: killed && (status & CORE_BIT) !== 0,
    stopped,
    continued,
  };
}

/**
 * The exit code in a status, or minus the number of the signal that ended the process: Python's
 * `os.waitstatus_to_exitcode`.
 *
 * @throws `ERR_OUT_OF_RANGE` for the status of a process that was stopped or continued, and for what is no status
 */
export function waitstatusToExitcode(status: number): number {
  checkInteger('status', status, 0, INT_MAX);
  if (isStopped(status)) {
    const by = signalName(highByte(status));
    throw outOfRange('status', `that of a process that ended; this one was stopped by ${by}`, status);
  }
  if (isContinued(status) || status > CONTINUED) throw outOfRange('status', 'a wait status', status);
  return hasExited(status) ? highByte(status) : -(status & SIGNAL_BITS);
}
