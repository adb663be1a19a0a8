/** Deadlocks reported instead of suffered: for locks made with `detectDeadlock`. */
import { threadId } from 'node:worker_threads';
import { DeadlockError } from '../errors.js';
import { core, type Place, Status } from './core.js';

const OPTIONS_WORD = 1;
const FALLBACK_OPTIONS_WORD = 2;
const TRACED = 2;
/** How often a promise's wait looks for a cycle. */
const LOOK_MS = 50;
/** How long the others let the first one of a cycle have its way. */
const PATIENCE_MS = 500;

/** Whether a lock was made with `detectDeadlock`, here or elsewhere. */
export function isTraced(place: Place): boolean {
  const word = place.ref.buffer === undefined ? OPTIONS_WORD : FALLBACK_OPTIONS_WORD;
  return (Atomics.load(place.words, place.index + word) & TRACED) !== 0;
}

let nameThread = () => (threadId === 0 ? 'MainThread' : `worker ${threadId}`);

/** @internal `threading` knows better names. */
export function setThreadNamer(namer: () => string): void {
  nameThread = namer;
}

const OWN_FRAME = /[\\/](?:dist|src)[\\/]sync[\\/]|node:/;

/** Who is asking, and from where: what other threads and processes will read. */
function whoAndWhere(): string {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 12;
  const frames = (new Error().stack ?? '').split('\n').slice(1);
  Error.stackTraceLimit = stackTraceLimit;
  const where = frames.filter((frame) => !OWN_FRAME.test(frame)).slice(0, 3);
  return [`${nameThread()} (pid ${process.pid})`, ...where.map((frame) => frame.trim())].join('\n');
}

/** Notes that the caller has taken a lock. */
export function noteTaken(place: Place, name: string | undefined, chain: number): void {
  core.trace(place, chain, name ?? '', whoAndWhere());
}

type Steps = [name: string, holder: string, id: number][];

function deadlock(steps: Steps, name: string | undefined): DeadlockError {
  const title = (lock: string) => (lock === '' ? 'an unnamed lock' : `lock '${lock}'`);
  const lines = steps.map(([lock, holder]) => {
    const [who = 'somebody', ...where] = holder.split('\n');
    return [
      `  ${title(lock)} is held by ${who || 'somebody'}`,
      ...where.map((frame) => `      ${frame}`),
    ].join('\n');
  });
  const asked = whoAndWhere().split('\n')[0];
  return new DeadlockError(
    `${asked} would wait for ever for ${title(name ?? steps[0]?.[0] ?? '')}:\n${lines.join('\n')}`,
  );
}

/**
 * One party of a cycle is to give up, not all: the one with the highest identity at once, the others where the cycle stays,
 * for that one may be waiting in a way that doesn't look.
 */
function watcher(place: Place, chain: number): () => Steps | undefined {
  let since = 0;
  return () => {
    const steps = core.cycle(place, chain);
    if (steps === undefined) {
      since = 0;
      return undefined;
    }
    const first = steps.every(([, , id]) => id <= (core.me[0] as number));
    const now = performance.now();
    if (since === 0) since = now;
    return first || now - since >= PATIENCE_MS ? steps : undefined;
  };
}

/** As `core.waitSync` without a limit. Throws `DeadlockError`. */
export function waitSyncTraced(place: Place, name: string | undefined): number {
  const look = watcher(place, 0);
  let steps: Steps | undefined;
  const status = core.waitUnless(place, () => {
    steps = look();
    return steps !== undefined;
  });
  if (status === Status.timedOut && steps !== undefined) throw deadlock(steps, name);
  return status;
}

/** As `core.wait` without a limit. Rejects with `DeadlockError`. */
export async function waitTraced(place: Place, name: string | undefined, chain: number): Promise<number> {
  const look = watcher(place, chain);
  for (;;) {
    const steps = chain === 0 ? undefined : look();
    if (steps !== undefined) throw deadlock(steps, name);
    const status = await core.wait(place, LOOK_MS, 0, chain);
    if (status !== Status.timedOut) return status;
  }
}
