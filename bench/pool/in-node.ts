/**
 * in-node.js <prong|piscina|chunks|shared|moved|tinypool|workerpool|poolifier|serial> <map|single|spin|large|strings|numbers> <warm|whole>:
 * ms for the task on 2 workers; `whole` from the pool's creation to its end, `warm` what it takes the second time.
 */
import { fileURLToPath } from 'node:url';
import type { Worker } from 'node:worker_threads';
import { Pool } from 'prong';
import { importPeer } from '../harness/peers.js';
import {
  ITEMS,
  LOOKS,
  large,
  lookAtNumbers,
  lookAtStrings,
  makeNumbers,
  makeStrings,
  RESULTS,
  SPINS,
  spin,
  tiny,
} from './tasks.js';

type Task = 'map' | 'single' | 'spin' | 'large' | 'strings' | 'numbers';
interface Contender {
  run(): Promise<unknown>;
  end(): Promise<unknown>;
}

const WORKERS = 2;
const [contender = '', task, part] = process.argv.slice(2) as [string, Task, 'warm' | 'whole'];
const file = (name: string): string => fileURLToPath(new URL(`./${name}.js`, import.meta.url));

const items = { map: ITEMS, single: ITEMS, spin: SPINS, large: RESULTS, strings: LOOKS, numbers: LOOKS }[
  task
];
/** The functions' names in the peers' files. */
const name =
  contender === 'moved'
    ? 'moved'
    : { map: 'tiny', single: 'tiny', spin: 'spin', large: 'large', strings: 'strings', numbers: 'numbers' }[
        task
      ];
const strings = task === 'strings' ? makeStrings() : [];
const numbers = task === 'numbers' ? makeNumbers(contender === 'shared') : new Float64Array(0);
const data = { strings, numbers }[task as 'strings' | 'numbers'];
const workerData = { data };

const functions: Record<Task, (item: number) => unknown> = {
  map: tiny,
  single: tiny,
  spin,
  large,
  strings: (item) => lookAtStrings(strings, item),
  numbers: (item) => lookAtNumbers(numbers, item),
};
const fn = functions[task];

const each = (run: (item: number) => PromiseLike<unknown>) => () => Promise.all(items.map(run));

type PiscinaLike = new (
  options: object,
) => { run(item: unknown, options: object): Promise<unknown>; destroy(): Promise<void> };

interface WorkerpoolLike {
  pool(
    file: string,
    options: object,
  ): { exec(name: string, args: unknown[]): Promise<unknown>; terminate(): Promise<unknown> };
}

interface PoolifierLike {
  FixedThreadPool: new (
    workers: number,
    file: string,
    options: object,
  ) => {
    execute(item: unknown, name: string): Promise<unknown>;
    workerNodes: { worker: Worker }[];
  };
}

/** What a CommonJS module exports stands in its default export, too, and sometimes only there. */
async function piscina(): Promise<PiscinaLike> {
  const module = await importPeer<{ Piscina?: PiscinaLike; default: { Piscina: PiscinaLike } }>('piscina');
  return module.Piscina ?? module.default.Piscina;
}

function piscinaLike(Type: PiscinaLike): Contender {
  const pool = new Type({
    filename: file('worker-file'),
    minThreads: WORKERS,
    maxThreads: WORKERS,
    workerData,
  });
  return { run: each((item) => pool.run(item, { name })), end: () => pool.destroy() };
}

const makers: Record<string, () => Promise<() => Contender>> = {
  prong: async () => () => {
    const pool = new Pool(WORKERS);
    return {
      run: task === 'single' ? each((item) => pool.applyAsync(fn, [item])) : () => pool.map(fn, items),
      async end() {
        pool.close();
        await pool.join();
      },
    };
  },
  piscina: async () => {
    const Piscina = await piscina();
    return () => piscinaLike(Piscina);
  },
  shared: async () => makers.piscina!(),
  moved: async () => makers.piscina!(),
  chunks: async () => {
    const Piscina = await piscina();
    return () => {
      const pool = new Piscina({ filename: file('worker-file'), minThreads: WORKERS, maxThreads: WORKERS });
      const size = items.length / 8;
      const parts = Array.from({ length: 8 }, (_, i) => items.slice(i * size, (i + 1) * size));
      return {
        run: () => Promise.all(parts.map((one) => pool.run(one, { name: 'chunk' }))),
        end: () => pool.destroy(),
      };
    };
  },
  tinypool: async () => {
    const { default: Tinypool } = await importPeer<{ default: PiscinaLike }>('tinypool');
    return () => piscinaLike(Tinypool);
  },
  workerpool: async () => {
    const workerpool = await importPeer<WorkerpoolLike>('workerpool');
    return () => {
      const pool = workerpool.pool(file('workerpool-file'), {
        maxWorkers: WORKERS,
        minWorkers: WORKERS,
        workerType: 'thread',
        workerThreadOpts: { workerData },
      });
      return { run: each((item) => pool.exec(name, [item])), end: () => pool.terminate() };
    };
  },
  poolifier: async () => {
    const { FixedThreadPool } = await importPeer<PoolifierLike>('poolifier');
    return () => {
      const pool = new FixedThreadPool(WORKERS, file('poolifier-file'), {
        workerOptions: { workerData },
      });
      // Its own `destroy()` was seen not to settle.
      const end = () => Promise.all(pool.workerNodes.map(({ worker }) => worker.terminate()));
      return { run: each((item) => pool.execute(item, name)), end };
    };
  },
  serial: async () => () => ({
    run: async () => items.map(fn),
    end: async () => {},
  }),
};

// Not every pool keeps the program alive while it is at work.
setInterval(() => {}, 1 << 30);
const make = await makers[contender]!();
// What is loaded and set up once in a process is no matter of a pool.
const first = make();
await first.run();
await first.end();
let start = performance.now();
const pool = make();
await pool.run();
if (part === 'warm') {
  start = performance.now();
  await pool.run();
  console.log(performance.now() - start);
} else {
  await pool.end();
  console.log(performance.now() - start);
}
process.exit(0);
