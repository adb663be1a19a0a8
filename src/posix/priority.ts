/** Priorities, from -20 (first) to 19 (last). Linux keeps one for each thread: threads that run already keep theirs. */
import * as os from 'node:os';
import { checkInteger, outOfRange } from '../util/check.js';
import { native, resources } from './resources.js';

/** `who` is a process; 0 is this one. */
export const PRIO_PROCESS = 0;
/** `who` is a process group; 0 is the own one. */
export const PRIO_PGRP = 1;
/** `who` is a user's number; 0 is the own one. */
export const PRIO_USER = 2;

const FIRST = -20;
const LAST = 19;
const INT_MAX = 2 ** 31 - 1;
const ID_MAX = 2 ** 32 - 1;

function checkWhich(which: unknown, who: unknown): void {
  checkInteger('which', which);
  if (which !== PRIO_PROCESS && which !== PRIO_PGRP && which !== PRIO_USER) {
    throw outOfRange('which', 'PRIO_PROCESS, PRIO_PGRP or PRIO_USER', which);
  }
  checkInteger('who', who, 0, which === PRIO_USER ? ID_MAX : INT_MAX);
}

/**
 * Adds to the own priority, within what there is, and returns the new one.
 *
 * @throws `EPERM` where it may not be raised so far
 * @see https://pubs.opengroup.org/onlinepubs/9799919799/functions/nice.html
 */
export function nice(increment: number): number {
  checkInteger('increment', increment, -INT_MAX, INT_MAX);
  if (native) return native.nice(increment);
  os.setPriority(Math.max(FIRST, Math.min(LAST, os.getPriority() + increment)));
  return os.getPriority();
}

/**
 * The priority of a process, or the first among a group's or a user's.
 *
 * @throws `ESRCH`
 * @see https://pubs.opengroup.org/onlinepubs/9799919799/functions/getpriority.html
 */
export function getpriority(which: number, who: number): number {
  checkWhich(which, who);
  if (native || which !== PRIO_PROCESS)
    return resources('getpriority() of a group or user').getpriority(which, who);
  return os.getPriority(who);
}

/**
 * Sets the priority of a process, or of all of a group or user.
 *
 * @param value -20 to 19
 * @throws `ESRCH`, `EACCES`, `EPERM`
 * @see https://pubs.opengroup.org/onlinepubs/9799919799/functions/setpriority.html
 */
export function setpriority(which: number, who: number, value: number): void {
  checkWhich(which, who);
  checkInteger('value', value, FIRST, LAST);
  if (native || which !== PRIO_PROCESS)
    resources('setpriority() of a group or user').setpriority(which, who, value);
  else os.setPriority(who, value);
}
