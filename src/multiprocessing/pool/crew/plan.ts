/** How much a worker is given at once. */
import type { Job } from '../jobs/job.js';

/** From here on (ms a task) a message per task costs nothing that could be noticed. */
const LONG = 2;
/** What is sent together should take no longer than this (ms): others wait, and what is sent can't be given to someone else. */
const AT_ONCE = 5;
const MOST = 4096;
/** A worker whose tasks take less than this (ms) is given more before it has done them. */
const AHEAD = 10;

/** `waiting`: how many items wait; `workers`: for how many workers. */
export function share({ entry, chunksize }: Job, waiting: number, workers: number): number {
  if (chunksize !== undefined) return chunksize;
  const { average } = entry;
  if (average === undefined || average >= LONG) return 1;
  const fair = Math.ceil(waiting / (2 * workers));
  return Math.max(1, Math.min(fair, MOST, Math.floor(AT_ONCE / Math.max(average, 1e-6))));
}

/** Whether a worker that is at something may be given the next already. */
export function mayGoAhead({ entry, limited, chunksize }: Job, waiting: number, workers: number): boolean {
  if (limited || entry.average === undefined) return false;
  const each = entry.average * (chunksize ?? 1);
  // At the end what is left goes to whoever is free first.
  return each < AHEAD && (waiting > 2 * workers || each < 0.1);
}
