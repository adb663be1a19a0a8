/** Which threads have ended: a table that all threads of the process share, kept by those that start threads. */
import { getEnvironmentData, setEnvironmentData, threadId, Worker } from 'node:worker_threads';

const KEY = 'prong.ended';
const THREADS = 1 << 16;

function table(): Uint8Array {
  let buffer = getEnvironmentData(KEY) as unknown as SharedArrayBuffer | undefined;
  if (buffer === undefined) {
    buffer = new SharedArrayBuffer(THREADS);
    setEnvironmentData(KEY, buffer as never);
  }
  return new Uint8Array(buffer);
}

const ended = table();

/** This thread's identity: never 0. */
export const identity = threadId + 1;

process.on('worker', (worker: unknown) => {
  if (!(worker instanceof Worker)) return;
  // Once it has ended it no longer says which one it was.
  const id = worker.threadId + 1;
  worker.once('exit', () => Atomics.store(ended, id % THREADS, 1));
});
process.on('exit', () => {
  if (identity !== 1) Atomics.store(ended, identity % THREADS, 1);
});

export function isAlive(id: number): boolean {
  return Atomics.load(ended, id % THREADS) === 0;
}
