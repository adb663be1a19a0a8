import { inspect } from 'node:util';
import { writeAll } from '../../threading/stdio.js';

const STDERR = 2;

/** What ended a process, on stderr, at once: Python's way. */
export function printFailure(name: string, error: unknown): void {
  const text = error instanceof Error ? inspect(error) : `Uncaught ${inspect(error)}`;
  try {
    writeAll(STDERR, Buffer.from(`Process ${name}:\n${text}\n`));
  } catch {
    // There is nobody to tell.
  }
}
