import { checkPid } from './arguments.js';
import { native } from './native.js';
import { signalNumber } from './signal-names.js';

const SMALLEST_PID = -(2 ** 31) + 1;

/**
 * Sends a signal to a process; to every process of a group where `pid` is below -1, of the own group where it is 0, and to
 * everybody this process may signal where it is -1.
 *
 * @param signal by name (`'SIGTERM'`, `'SIGRTMIN+1'`) or number; 0 only finds out whether that would be possible
 * @throws `ESRCH` where there is nobody, `EPERM` where that isn't allowed
 * @see https://pubs.opengroup.org/onlinepubs/9799919799/functions/kill.html
 */
export function kill(pid: number, signal: NodeJS.Signals | number): void {
  checkPid('pid', pid, SMALLEST_PID);
  const number = signalNumber(signal);
  if (native) native.kill(pid, number);
  else process.kill(pid, number);
}

/**
 * Sends a signal to every process of a group. `pgid` 0 is the own one.
 *
 * @param signal by name or number; 0 only finds out whether that would be possible
 * @throws `ESRCH` where there is no such group, `EPERM` where none of it may be signalled
 * @see https://pubs.opengroup.org/onlinepubs/9799919799/functions/killpg.html
 */
export function killpg(pgid: number, signal: NodeJS.Signals | number): void {
  checkPid('pgid', pgid);
  const number = signalNumber(signal);
  if (native) native.killpg(pgid, number);
  else process.kill(-pgid, number);
}
