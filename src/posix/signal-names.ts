/** Signals by name and number. */
import { constants } from 'node:os';
import { checkInteger, invalidType, invalidValue } from '../util/check.js';

const LARGEST = 64;
// The first one that the C library leaves to programs.
const FIRST_REALTIME = 34;

const numbers = constants.signals as Record<string, number>;
const names = new Map<number, string>();
for (const [name, number] of Object.entries(numbers)) if (!names.has(number)) names.set(number, name);

/** `'SIGTERM'` for 15, `'SIGRTMIN+1'` for 35. */
export function signalName(number: number): NodeJS.Signals {
  const beyond = number - FIRST_REALTIME;
  return (names.get(number) ?? (beyond > 0 ? `SIGRTMIN+${beyond}` : 'SIGRTMIN')) as NodeJS.Signals;
}

/**
 * The number of a signal. 0, which is none, is allowed.
 *
 * @throws `ERR_UNKNOWN_SIGNAL` for an unknown name, `ERR_OUT_OF_RANGE`, `ERR_INVALID_ARG_TYPE`
 */
export function signalNumber(signal: unknown, name = 'signal'): number {
  if (typeof signal === 'number') {
    checkInteger(name, signal, 0, LARGEST);
    return signal;
  }
  if (typeof signal !== 'string') throw invalidType(name, 'the name or the number of a signal', signal);
  if (Object.hasOwn(numbers, signal)) return numbers[signal] as number;
  const realtime = /^SIGRTMIN(?:\+(\d+))?$/.exec(signal);
  const number = realtime === null ? -1 : FIRST_REALTIME + Number(realtime[1] ?? 0);
  if (number < 0 || number > LARGEST) {
    throw Object.assign(invalidValue(name, 'is no signal', signal), { code: 'ERR_UNKNOWN_SIGNAL' });
  }
  return number;
}
