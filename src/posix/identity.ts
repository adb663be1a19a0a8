/** Who this process and others are: pids, groups, sessions. Each throws what its POSIX page names. */
import { checkPid } from './arguments.js';
import { native, system } from './native.js';

/** The number of this process. */
export function getpid(): number {
  return native ? native.getpid() : process.pid;
}

/** The number of the parent; 1, or a subreaper's, once the parent has ended. */
export function getppid(): number {
  return native ? native.getppid() : process.ppid;
}

/** The process group of this process. */
export function getpgrp(): number {
  return system('getpgrp()').getpgrp();
}

/**
 * The process group of a process; 0 means this one.
 *
 * @throws `ESRCH`, `EPERM`
 */
export function getpgid(pid: number): number {
  checkPid('pid', pid);
  return system('getpgid()').getpgid(pid);
}

/**
 * Moves a process into a group; 0 as `pid` means this process, 0 as `pgid` a new group led by `pid`.
 *
 * @throws `EACCES` after the child's exec, `EPERM`, `ESRCH`
 */
export function setpgid(pid: number, pgid: number): void {
  checkPid('pid', pid);
  checkPid('pgid', pgid);
  system('setpgid()').setpgid(pid, pgid);
}

/**
 * The session of a process; 0 means this one.
 *
 * @throws `ESRCH`, `EPERM`
 */
export function getsid(pid: number): number {
  checkPid('pid', pid);
  return system('getsid()').getsid(pid);
}

/**
 * Starts a session, and a group in it, without a controlling terminal. Returns its number, which is this process's.
 *
 * @throws `EPERM` where this process leads a group already
 */
export function setsid(): number {
  return system('setsid()').setsid();
}
