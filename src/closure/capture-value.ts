import { checkFunction } from '../util/check.js';
import { Capture } from './capture.js';
import type { SerializedClosure } from './types.js';

/** A captured value, and what must go into the transfer list of the message that carries it. */
export interface Captured {
  data: SerializedClosure;
  transferList: object[];
  /** What `reviveValue` takes in order to know these functions when they come back. */
  origins: ReadonlyMap<number, object>;
}

export interface CaptureOptions {
  /** The `id` of the capture that brought what may now go back to where it came from. */
  returnTo?: string;
}

/**
 * Takes any value apart, with the functions and primitives in it. `name` is what an error calls it.
 * Throws `ClosureError` (`ERR_CLOSURE`) naming what can't travel.
 */
export function captureValue(value: unknown, name = 'value', { returnTo }: CaptureOptions = {}): Captured {
  const capture = new Capture(returnTo);
  try {
    const data = capture.serialize(value, { variable: name });
    return { data, transferList: capture.transfer, origins: capture.origins };
  } finally {
    capture.close();
  }
}

/**
 * Takes a function apart: its source, the variables it uses from outside, and what they hold, functions and classes
 * included. The values are those of this moment: a variable written to later, here or there, is a copy on each side;
 * what is to be shared goes into a primitive (`Value`, `Array`, `Queue`).
 * Throws `ClosureError` (`ERR_CLOSURE`) naming the variable, the function and its place.
 */
// biome-ignore lint/complexity/noBannedTypes: any function at all
export function captureFunction(fn: Function): Captured {
  checkFunction('fn', fn);
  const capture = new Capture();
  try {
    const data = capture.serialize(fn);
    return { data, transferList: capture.transfer, origins: capture.origins };
  } finally {
    capture.close();
  }
}
