/**
 * shared.js <prong|child_process> <read|collected>: 4 workers over a structure of 200 MB; their memory and the parent's
 * once all have read it, and collected their garbage.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { Process, posix, Semaphore } from 'prong';
import { fillHeap, readHeap } from '../fork/heap.js';
import { summedPss } from './pss.js';

const WORKERS = 4;
const MEGABYTES = 200;
const [, file = '', contender, what] = process.argv;
const forever = () => new Promise(() => setInterval(() => {}, 1000));

function collect(): void {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
}

function work(kept: ReturnType<typeof fillHeap>): void {
  readHeap(kept);
  if (what === 'collected') collect();
}

async function prong(): Promise<number> {
  const kept = fillHeap(MEGABYTES);
  posix.warmup();
  const ready = new Semaphore(0);
  const workers = Array.from(
    { length: WORKERS },
    () =>
      new Process({
        daemon: true,
        target: () => {
          work(kept);
          ready.release();
          return forever();
        },
      }),
  );
  for (const worker of workers) await worker.start();
  for (let i = 0; i < WORKERS; i++) await ready.acquire();
  const total = summedPss([process.pid, ...workers.map(({ pid }) => pid as number)]);
  for (const worker of workers) worker.kill();
  for (const worker of workers) await worker.join();
  if (kept.length < 0) throw new Error('the heap must be alive until here');
  return total;
}

async function childProcess(): Promise<number> {
  const workers = Array.from({ length: WORKERS }, () => fork(file, ['worker', what ?? '']));
  const kept = fillHeap(MEGABYTES);
  await Promise.all(workers.map((worker) => once(worker, 'message')));
  const total = summedPss([process.pid, ...workers.map(({ pid }) => pid as number)]);
  for (const worker of workers) worker.kill();
  if (kept.length < 0) throw new Error('the heap must be alive until here');
  return total;
}

if (contender === 'worker') {
  const kept = fillHeap(MEGABYTES);
  work(kept);
  process.send?.('ready');
  await forever();
} else {
  console.log(await (contender === 'prong' ? prong() : childProcess()));
}
if (fileURLToPath(import.meta.url) !== file) throw new Error('this is a program');
