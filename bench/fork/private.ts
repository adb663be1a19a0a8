/** private.js <plain|warmup>: how much memory, in MB, a child that reads all of a 200 MB heap makes its own. */
import { readFileSync } from 'node:fs';
import { posix } from 'prong';
import { fillHeap, readHeap } from './heap.js';

const kept = fillHeap(200);
if (process.argv[2] === 'warmup') posix.warmup();
const pid = posix.fork();
if (pid === 0) {
  readHeap(kept);
  const rollup = readFileSync('/proc/self/smaps_rollup', 'utf8');
  const kilobytes = [...rollup.matchAll(/^Private_\w+: +(\d+) kB$/gm)].reduce(
    (sum, match) => sum + Number(match[1]),
    0,
  );
  console.log(kilobytes / 1024);
} else {
  process.exitCode = posix.waitpidSync(pid)?.exitCode ?? 1;
}
