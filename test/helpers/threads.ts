import { Worker } from 'node:worker_threads';

const program = new URL('../fixtures/sync/parts.js', import.meta.url);

export interface RunningThread {
  worker: Worker;
  /** Settles when the thread has ended; rejects where it threw. */
  ended: Promise<number>;
}

/** Runs a part of `fixtures/sync/parts.ts` in a thread; primitives in `data` travel. */
export function thread(part: string, data: Record<string, unknown> = {}): RunningThread {
  const worker = new Worker(program, { workerData: { ...data, part } });
  const ended = new Promise<number>((resolve, reject) => {
    worker.on('error', reject);
    worker.on('exit', resolve);
  });
  return { worker, ended };
}

/** Runs parts at the same time and waits for all. */
export async function threads(parts: string[], data: Record<string, unknown> = {}): Promise<void> {
  await Promise.all(parts.map((part, index) => thread(part, { ...data, index }).ended));
}
