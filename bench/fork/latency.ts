/**
 * latency.js <prong|floor|child_process|worker> <heap in MB> <return|whole>: the median, in ms, of forking a process of
 * that size; `return` up to the parent's return, `whole` until the child has ended and been waited for.
 */
import { fork as forkProgram } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { posix } from 'prong';
import { median } from '../harness/statistics.js';
import { loadFloor } from './floor.js';
import { fillHeap } from './heap.js';

const [, , contender = '', megabytes = '', what = ''] = process.argv;
const whole = what === 'whole';
const nothing = fileURLToPath(new URL('nothing.js', import.meta.url));

function prong(): number {
  const start = performance.now();
  const pid = posix.fork();
  if (pid === 0) posix._exit(0);
  const returned = performance.now();
  posix.waitpidSync(pid);
  return (whole ? performance.now() : returned) - start;
}

async function childProcess(): Promise<number> {
  const start = performance.now();
  await once(forkProgram(nothing), 'exit');
  return performance.now() - start;
}

async function worker(): Promise<number> {
  const start = performance.now();
  await once(new Worker(nothing), 'exit');
  return performance.now() - start;
}

function floor(): () => number {
  const addon = loadFloor();
  addon.prepare();
  return () => addon.fork(whole);
}

const contenders: Record<string, () => () => number | Promise<number>> = {
  prong: () => prong,
  floor,
  child_process: () => childProcess,
  worker: () => worker,
};
const kept = fillHeap(Number(megabytes));
const measure = contenders[contender]?.();
if (measure === undefined) throw new Error(`no contender "${contender}"`);
const samples: number[] = [];
for (let i = 0; i < (contender === 'prong' || contender === 'floor' ? 15 : 5); i++)
  samples.push(await measure());
// The first ones also pay for what is set up once.
console.log(median(samples.slice(2)));
if (kept.length < 0) throw new Error('the heap must be alive until here');
