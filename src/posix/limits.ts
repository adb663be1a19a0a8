/** Resource limits. */
import { checkInteger, invalidType, invalidValue, outOfRange } from '../util/check.js';
import { resources } from './resources.js';

// Linux's numbers, the same on all processors that Node runs on but MIPS.
export const RLIMIT_CPU = 0;
export const RLIMIT_FSIZE = 1;
export const RLIMIT_DATA = 2;
export const RLIMIT_STACK = 3;
export const RLIMIT_CORE = 4;
export const RLIMIT_RSS = 5;
export const RLIMIT_NPROC = 6;
export const RLIMIT_NOFILE = 7;
export const RLIMIT_MEMLOCK = 8;
export const RLIMIT_AS = 9;
export const RLIMIT_LOCKS = 10;
export const RLIMIT_SIGPENDING = 11;
export const RLIMIT_MSGQUEUE = 12;
export const RLIMIT_NICE = 13;
export const RLIMIT_RTPRIO = 14;
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
