/** Processors. */
import { availableParallelism, cpus as describeCpus } from 'node:os';
import { checkInteger, invalidType, invalidValue } from '../util/check.js';
import { checkPid } from './arguments.js';
import { native, resources } from './resources.js';

const LARGEST_CPU = 2 ** 20 - 1;

/**
 * Linux: the numbers of the processors that a process may run on, in order; 0 is this one.
 *
 * @throws `ESRCH`
 * @see Python's `os.sched_getaffinity`
 */
export function schedGetaffinity(pid: number): number[] {
  checkPid('pid', pid);
  return resources('schedGetaffinity()').getaffinity(pid);
}

/**
 * Linux: confines a process, or for 0 the calling thread and what it starts, to some processors.
 *
 * @param cpus an array, a set, or anything that iterates
 * @throws `ESRCH`, `EPERM`, `EINVAL` where there is no such processor
 * @see Python's `os.sched_setaffinity`
 */
export function schedSetaffinity(pid: number, cpus: Iterable<number>): void {
  checkPid('pid', pid);
  if (typeof cpus !== 'object' || cpus === null || typeof cpus[Symbol.iterator] !== 'function') {
    throw invalidType('cpus', 'an iterable of numbers', cpus);
  }
  const list = [...cpus];
  if (list.length === 0) throw invalidValue('cpus', 'must not be empty', cpus);
  list.forEach((cpu, i) => {
    checkInteger(`cpus[${i}]`, cpu, 0, LARGEST_CPU);
  });
  resources('schedSetaffinity()').setaffinity(pid, list);
}

/**
 * How many processors the system has, as Python's `os.cpu_count`. How many this process may use is
 * `schedGetaffinity(0).length`.
 */
export function cpuCount(): number {
  return native?.cpuCount() || describeCpus().length || availableParallelism();
}
