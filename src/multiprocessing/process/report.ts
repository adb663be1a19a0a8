/** A child's last words. */
import { writeFileSync, writeSync } from 'node:fs';
import { encodeOutcome } from './outcome.js';
import type { Outcome } from './popen.js';

let nothing: Uint8Array | undefined;

/** Before the first fork: the commonest report is ready, and what makes the others is compiled. */
export function prepareReports(): void {
  nothing ??= encodeOutcome({ ok: true, value: undefined });
}

/** What of it can be sent: where a value can't, the error that says so. */
export function encodeReport(outcome: Outcome): Uint8Array {
  if (outcome.ok && outcome.value === undefined && nothing !== undefined) return nothing;
  try {
    return encodeOutcome(outcome);
  } catch (error) {
    try {
      return encodeOutcome({ ok: false, error });
    } catch {
      return encodeOutcome({ ok: false, error: new Error((error as Error).message) });
    }
  }
}

/** To a descriptor or a file. */
export function report(to: number | string, outcome: Outcome): void {
  const bytes = encodeReport(outcome);
  if (typeof to === 'string') writeFileSync(to, bytes);
  else for (let at = 0; at < bytes.length; ) at += writeSync(to, bytes, at);
}
