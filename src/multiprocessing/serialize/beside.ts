/**
 * Large bytes of a value that go beside its encoding instead of in it: who encodes says how, and who decodes gives them back. By
 * default all bytes are in the encoding.
 */
export interface Leaving {
  /** From so many bytes on. */
  least: number;
  /** Their place among those that go beside; `undefined` where they must stay in the encoding. */
  put(bytes: Uint8Array): number | undefined;
}

/** The bytes at a place, in a buffer of their own. */
export type Arrived = (place: number) => ArrayBuffer | undefined;

let leaving: Leaving | undefined;
let arrived: Arrived | undefined;

export function whileLeaving<T>(now: Leaving | undefined, run: () => T): T {
  const outer = leaving;
  leaving = now;
  try {
    return run();
  } finally {
    leaving = outer;
  }
}

export function whileArrived<T>(now: Arrived | undefined, run: () => T): T {
  const outer = arrived;
  arrived = now;
  try {
    return run();
  } finally {
    arrived = outer;
  }
}

export function putBeside(bytes: Uint8Array): number | undefined {
  return leaving !== undefined && bytes.length >= leaving.least ? leaving.put(bytes) : undefined;
}

export function takeBeside(place: number): ArrayBuffer | undefined {
  return arrived?.(place);
}
