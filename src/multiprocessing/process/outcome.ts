/** What a target came to, on its way to the parent. */
import { decode, encode } from '../serialize/index.js';
import type { Outcome } from './popen.js';

/** Throws `DataCloneError` for a value that can't be sent. */
export function encodeOutcome(outcome: Outcome): Uint8Array {
  return encode([outcome.ok, outcome.ok ? outcome.value : outcome.error], 'result');
}

/** `undefined` where the child didn't come to its end, or was killed while it said so. */
export function decodeOutcome(bytes: Uint8Array | undefined): Outcome | undefined {
  if (bytes === undefined) return undefined;
  try {
    const [ok, value] = decode(bytes) as [boolean, unknown];
    return ok ? { ok, value } : { ok, error: value };
  } catch {
    return undefined;
  }
}
