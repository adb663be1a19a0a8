/** spawn-after.js <forks>: the median, in ms, of spawnSync in a process with 500 MB of heap that has forked so often. */
import { spawnSync } from 'node:child_process';
import { posix } from 'prong';
import { median } from '../harness/statistics.js';
import { fillHeap } from './heap.js';

function spawnTrue(times: number): number[] {
  return Array.from({ length: times }, () => {
    const start = performance.now();
    spawnSync('true');
    return performance.now() - start;
  });
}

const kept = fillHeap(500);
spawnTrue(20);
for (let i = 0; i < Number(process.argv[2]); i++) {
  const pid = posix.fork();
  if (pid === 0) posix._exit(0);
  posix.waitpidSync(pid);
}
console.log(median(spawnTrue(60)));
if (kept.length < 0) throw new Error('the heap must be alive until here');
