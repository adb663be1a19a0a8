import { checkInteger } from '../util/check.js';
import { native } from './native.js';

const LARGEST_CODE = 255;

/**
 * Ends this process at once: no `exit` event, no exit handlers, nothing flushed. For the child of a `fork()` that must
 * not run what its parent has prepared for the end.
 *
 * @param code the exit code, 0 to 255
 * @see https://pubs.opengroup.org/onlinepubs/9799919799/functions/_exit.html
 */
export function _exit(code: number): never {
  checkInteger('code', code, 0, LARGEST_CODE);
  if (native) return native.exitNow(code);
  return process.reallyExit(code);
}
