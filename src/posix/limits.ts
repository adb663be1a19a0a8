/** Resource limits. */
import { checkInteger, invalidType, invalidValue, outOfRange } from '../util/check.js';
import { resources } from './resources.js';

// Linux's numbers, the same on all processors that Node runs on but MIPS.
/** Seconds of processor time. */
export const RLIMIT_CPU = 0;
/** The longest file it may write, in bytes. */
export const RLIMIT_FSIZE = 1;
/** Its data, in bytes. */
export const RLIMIT_DATA = 2;
/** The main thread's stack, in bytes. */
export const RLIMIT_STACK = 3;
/** The longest core file, in bytes; 0 for none. */
export const RLIMIT_CORE = 4;
/** No effect on Linux. */
export const RLIMIT_RSS = 5;
/** Processes and threads of its user. */
export const RLIMIT_NPROC = 6;
/** Descriptors: one above the highest. */
export const RLIMIT_NOFILE = 7;
/** Memory locked in RAM, in bytes. */
export const RLIMIT_MEMLOCK = 8;
/** Its address space, in bytes. */
export const RLIMIT_AS = 9;
/** No effect since Linux 2.4. */
export const RLIMIT_LOCKS = 10;
/** Signals queued for its user. */
export const RLIMIT_SIGPENDING = 11;
/** POSIX message queues of its user, in bytes. */
export const RLIMIT_MSGQUEUE = 12;
/** How high it may raise its priority: 20 minus this is the lowest nice value. */
export const RLIMIT_NICE = 13;
/** The highest real-time priority. */
export const RLIMIT_RTPRIO = 14;
/** Microseconds that a real-time thread may compute without a blocking call. */
export const RLIMIT_RTTIME = 15;
/** No limit. */
export const RLIM_INFINITY: number = Number.POSITIVE_INFINITY;

const NAMES = {
  CPU: RLIMIT_CPU,
  FSIZE: RLIMIT_FSIZE,
  DATA: RLIMIT_DATA,
  STACK: RLIMIT_STACK,
  CORE: RLIMIT_CORE,
  RSS: RLIMIT_RSS,
  NPROC: RLIMIT_NPROC,
  NOFILE: RLIMIT_NOFILE,
  MEMLOCK: RLIMIT_MEMLOCK,
  AS: RLIMIT_AS,
  LOCKS: RLIMIT_LOCKS,
  SIGPENDING: RLIMIT_SIGPENDING,
  MSGQUEUE: RLIMIT_MSGQUEUE,
  NICE: RLIMIT_NICE,
  RTPRIO: RLIMIT_RTPRIO,
  RTTIME: RLIMIT_RTTIME,
} as const;

type Name = keyof typeof NAMES;

/** A resource: `RLIMIT_NOFILE`, `'RLIMIT_NOFILE'` or `'nofile'`. */
export type Resource = number | `RLIMIT_${Name}` | Lowercase<Name>;

function resourceNumber(resource: unknown): number {
  if (typeof resource === 'number') {
    checkInteger('resource', resource, 0, RLIMIT_RTTIME);
    return resource;
  }
  if (typeof resource !== 'string') throw invalidType('resource', 'a number or a name', resource);
  const name = resource.toUpperCase().replace(/^RLIMIT_/, '');
  if (!Object.hasOwn(NAMES, name)) throw invalidValue('resource', 'is no resource', resource);
  return NAMES[name as Name];
}

function checkLimit(name: string, value: unknown): asserts value is number {
  if (value !== RLIM_INFINITY) checkInteger(name, value, 0);
}

/**
 * The limits of a resource: `[soft, hard]`, `Infinity` where there is none. The soft one holds; a process may raise it up
 * to the hard one.
 *
 * @see https://pubs.opengroup.org/onlinepubs/9799919799/functions/getrlimit.html
 */
export function getrlimit(resource: Resource): [soft: number, hard: number] {
  const number = resourceNumber(resource);
  return resources('getrlimit()').getrlimit(number);
}

/**
 * Sets the limits of a resource, `Infinity` for none.
 *
 * @throws `EPERM` where the hard limit may not be raised, `ERR_OUT_OF_RANGE` where the soft one is above it
 * @see https://pubs.opengroup.org/onlinepubs/9799919799/functions/setrlimit.html
 */
export function setrlimit(resource: Resource, limits: readonly [soft: number, hard: number]): void {
  const number = resourceNumber(resource);
  if (!Array.isArray(limits) || limits.length !== 2)
    throw invalidType('limits', 'an array [soft, hard]', limits);
  const [soft, hard] = limits as [unknown, unknown];
  checkLimit('limits[0]', soft);
  checkLimit('limits[1]', hard);
  if (soft > hard) throw outOfRange('limits[0]', 'at most limits[1]', soft);
  resources('setrlimit()').setrlimit(number, soft, hard);
}
