/**
 * start-join.js <prong|prong-sync|child_process|worker>: ms for a process that does nothing, from start to join; one after
 * the other.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { Process } from 'prong';

const nothing = fileURLToPath(new URL('../fork/nothing.js', import.meta.url));
const target = () => {};

const contenders: Record<string, [rounds: number, run: () => unknown]> = {
  prong: [
    100,
    async () => {
      const p = new Process({ target });
      p.start();
      await p.join();
    },
  ],
  'prong-sync': [
    100,
    () => {
      const p = new Process({ target });
      p.start();
      p.joinSync();
    },
  ],
  child_process: [5, () => once(fork(nothing), 'exit')],
  worker: [10, () => once(new Worker(nothing), 'exit')],
};

const [rounds, run] = contenders[process.argv[2] ?? '']!;
// The first one also pays for what is set up once.
for (let i = 0; i < 2; i++) await run();
const start = performance.now();
for (let i = 0; i < rounds; i++) await run();
console.log((performance.now() - start) / rounds);
