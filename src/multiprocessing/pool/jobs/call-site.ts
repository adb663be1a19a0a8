/** Where a task was asked for: an error that comes back from a worker says it, too. */

const FRAMES = 6;

/** The function of prong's that was called. */
// biome-ignore lint/complexity/noBannedTypes: whatever it is
export type Called = Function;

export interface CallSite {
  stack?: string;
}

/** So many are kept of one burst: each costs as much as a small task does. */
const BUDGET = 64;
let left = BUDGET;
let refilling = false;

const NOWHERE: CallSite = {};

/** V8 makes the text only when it is read. `below`: the function of prong's that was called. */
export function callSite(below: Called): CallSite {
  if (left === 0) return NOWHERE;
  left--;
  if (!refilling) {
    refilling = true;
    queueMicrotask(refill);
  }
  const { stackTraceLimit } = Error;
  if (stackTraceLimit > FRAMES) Error.stackTraceLimit = FRAMES;
  const site: CallSite = {};
  Error.captureStackTrace(site, below);
  Error.stackTraceLimit = stackTraceLimit;
  return site;
}

function refill(): void {
  refilling = false;
  left = BUDGET;
}

/** Adds it to an error that a worker sent. */
export function addCallSite(error: unknown, site: CallSite, name: string): void {
  if (!(error instanceof Error) || typeof error.stack !== 'string') return;
  const frames = (site.stack ?? '').split('\n').slice(1).join('\n');
  if (frames === '') return;
  try {
    Object.defineProperty(error, 'stack', {
      value: `${error.stack}\n  asked for by ${name}:\n${frames}`,
      writable: true,
      configurable: true,
      enumerable: false,
    });
  } catch {
    // Frozen by whoever made it.
  }
}
