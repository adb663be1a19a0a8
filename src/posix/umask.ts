import { checkInteger } from '../util/check.js';
import { native } from './resources.js';

const ALL_BITS = 0o777;

/**
 * Sets which permissions new files don't get, and returns what was set before.
 *
 * @see https://pubs.opengroup.org/onlinepubs/9799919799/functions/umask.html
 */
export function umask(mask: number): number {
  checkInteger('mask', mask, 0, ALL_BITS);
  return native ? native.umask(mask) : process.umask(mask);
}
