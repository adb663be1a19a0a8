import { createRequire } from 'node:module';
import { Worker } from 'node:worker_threads';
import { Thread, Value } from 'prong';
import type * as Closure from '../../dist/closure/index.js';
import {
  defineSuite,
  nanosecondsPer,
  nanosecondsPerAsync,
  packageRoot,
  pythonContender,
} from '../harness/suite.js';

const require = createRequire(import.meta.url);
const { captureFunction, reviveFunctionSync } = require(
  `${packageRoot}dist/closure/index.js`,
) as typeof Closure;

const THREADS = 10;
const shared = new Value('i', 0);

function nothing(): void {}

function useShared(): void {
  shared.add(1);
}

const overThreads = async (target: () => void, sync: boolean): Promise<number> =>
  (await nanosecondsPerAsync(THREADS, async () => {
    const thread = new Thread({ target });
    thread.start();
    if (sync) thread.joinSync();
    else await thread.join();
  })) / 1e6;

const overWorkers = async (text: string): Promise<number> =>
  (await nanosecondsPerAsync(THREADS, () => {
    const worker = new Worker(text, { eval: true });
    return new Promise((resolve) => worker.once('exit', resolve));
  })) / 1e6;

/** What a primitive in a hand-written Worker costs: it loads the package as well. */
const loading = `require(${JSON.stringify(`${packageRoot}dist/index.js`)})`;

export default defineSuite({
  name: 'threads',
  about: `A thread from start to join, ${THREADS} in a row; a closure taken apart and put together`,
  rows: [
    {
      name: 'start + join, nothing to do',
      unit: 'ms',
      better: 'lower',
      base: 'bare Worker',
      contenders: [
        { name: 'prong Thread, join', measure: () => overThreads(nothing, false) },
        { name: 'prong Thread, joinSync', measure: () => overThreads(nothing, true) },
        { name: 'bare Worker', measure: () => overWorkers('') },
        pythonContender('CPython threading.Thread', 'threads/start_join.py'),
      ],
    },
    {
      name: 'start + join, a shared counter',
      unit: 'ms',
      better: 'lower',
      base: 'Worker that loads prong',
      contenders: [
        { name: 'prong Thread, join', measure: () => overThreads(useShared, false) },
        { name: 'Worker that loads prong', measure: () => overWorkers(loading) },
      ],
    },
    {
      name: 'a closure with two variables',
      unit: 'ms',
      better: 'lower',
      base: 'take apart',
      contenders: [
        {
          name: 'take apart',
          measure: () => nanosecondsPer(200, () => captureFunction(useBoth)) / 1e6,
        },
        {
          name: 'put together',
          measure: () => {
            const { data } = captureFunction(useBoth);
            return nanosecondsPer(200, () => reviveFunctionSync(data)) / 1e6;
          },
        },
      ],
    },
  ],
});

const words = ['a', 'b'];
const numbers = new Map([['a', 1]]);

function useBoth(): number | undefined {
  return numbers.get(words[0] ?? '');
}
