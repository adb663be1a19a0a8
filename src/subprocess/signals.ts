/** Signals by name or number. */
import { constants } from 'node:os';
import { invalidType, invalidValue } from '../util/check.js';

const LARGEST = 64;

/** @throws ERR_UNKNOWN_SIGNAL, ERR_INVALID_ARG_TYPE */
export function signalNumber(signal: NodeJS.Signals | number | string): number {
  if (typeof signal === 'number') {
    if (Number.isInteger(signal) && signal >= 0 && signal <= LARGEST) return signal;
  } else if (typeof signal === 'string') {
    const name = signal.toUpperCase();
    const number = (constants.signals as Record<string, number>)[
      name.startsWith('SIG') ? name : `SIG${name}`
    ];
    if (number !== undefined) return number;
  } else {
    throw invalidType('signal', 'the name or the number of a signal', signal);
  }
  throw Object.assign(invalidValue('signal', 'is no signal', signal), { code: 'ERR_UNKNOWN_SIGNAL' });
}
