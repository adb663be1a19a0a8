// The most frequent words of many files: by one process, then by a pool.
import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { SingleBar } from 'cli-progress';
import { cpuCount, Pool } from 'prong/multiprocessing';

// What npm has installed for this package: millions of words that are there.
const folder = dirname(dirname(createRequire(import.meta.url).resolve('typescript/package.json')));
const files = readdirSync(folder, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile() && /\.(js|ts|md)$/.test(entry.name))
  .map(({ parentPath, name }) => join(parentPath, name))
  .slice(0, 3000);
const shelves = Array.from({ length: Math.ceil(files.length / 50) }, (_, i) =>
  files.slice(i * 50, (i + 1) * 50),
);
const common = new Set(['the', 'of', 'to', 'is', 'if', 'in', 'and', 'this']);

type Counts = Map<string, number>;

function count(shelf: string[]): Counts {
  const words: Counts = new Map();
  for (const file of shelf) {
    for (const [word] of readFileSync(file, 'utf8').matchAll(/[a-z]{2,}/gi)) {
      if (!common.has(word)) words.set(word, (words.get(word) ?? 0) + 1);
    }
  }
  return words;
}

function sum(counts: Counts[]): [string, number][] {
  const all: Counts = new Map();
  for (const words of counts) for (const [word, times] of words) all.set(word, (all.get(word) ?? 0) + times);
  return [...all].sort(([, a], [, b]) => b - a).slice(0, 5);
}

let start = performance.now();
const alone = sum(shelves.map(count));
const aloneTime = performance.now() - start;

start = performance.now();
const bar = new SingleBar({ format: '  {bar} {value}/{total} shelves', clearOnComplete: true });
bar.start(shelves.length, 0);
await using pool = new Pool();
// `common` is found where it lies.
const counts = await pool.map(count, shelves, { onProgress: (done) => bar.update(done) });
bar.stop();
const together = sum(counts);
const togetherTime = performance.now() - start;

console.log(together.map(([word, times]) => `${word} ${times}`).join(', '));
console.log(`the same by one process: ${JSON.stringify(together) === JSON.stringify(alone)}`);
console.log(`${cpuCount()} workers: ${(aloneTime / togetherTime).toFixed(1)} times as fast`);
