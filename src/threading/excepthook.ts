import { inspect } from 'node:util';
import { isMainThread } from 'node:worker_threads';
import { checkFunction } from '../util/check.js';
import { writeAll } from './stdio.js';
import { countCustomHook } from './table.js';
import type { Thread } from './thread.js';

/** What an exception hook is told: Python's `args`, in camel case. */
export interface ExceptHookArgs {
  /** The class of the exception. */
  excType: unknown;
  excValue: unknown;
  /** Its stack. */
  excTraceback: string | undefined;
  thread: Thread | undefined;
}

/** Is told of what a thread threw. */
export type ExceptHook = (args: ExceptHookArgs) => void;

/** What a thrown value looks like on stderr. */
function describe(value: unknown): string {
  return value instanceof Error ? inspect(value) : `Uncaught ${inspect(value)}`;
}

/** Python's default: who ended by what, on stderr, at once. */
export function printException({ excValue, thread }: ExceptHookArgs): void {
  const text = `Exception in thread ${thread?.name ?? '(unknown)'}:\n${describe(excValue)}\n`;
  try {
    writeAll(2, Buffer.from(text));
  } catch {
    // Nowhere is left to say it.
  }
}

let hook: ExceptHook = printException;

/** Called when a thread's target throws, in the thread that started it. */
export const getExcepthook = (): ExceptHook => hook;

/** Sets `threading.excepthook`, for where a namespace can't be assigned to. Throws `ERR_INVALID_ARG_TYPE`. */
export function setExcepthook(value: ExceptHook): void {
  checkFunction('excepthook', value);
  if (isMainThread) countCustomHook(Number(value !== printException) - Number(hook !== printException));
  hook = value;
}

export function callHook(error: unknown, thread: Thread | undefined): void {
  const args: ExceptHookArgs = {
    excType: error instanceof Error ? error.constructor : undefined,
    excValue: error,
    excTraceback: error instanceof Error ? error.stack : undefined,
    thread,
  };
  try {
    hook(args);
  } catch (inner) {
    writeAll(2, Buffer.from(`Exception in threading.excepthook:\n${describe(inner)}\n`));
    printException(args);
  }
}
