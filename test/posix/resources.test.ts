import { cpus } from 'node:os';
import test from 'ava';
import {
  capabilities,
  cpuCount,
  getpriority,
  getrlimit,
  nice,
  schedGetaffinity,
  schedSetaffinity,
  setpriority,
  setrlimit,
  umask,
} from 'prong/posix';
import { runNode } from '../helpers/program.js';

test('priorities, limits and processors', async (t) => {
  const { stdout, stderr, code } = await runNode('test/fixtures/posix/resources.js');
  t.is(stderr, '');
  t.deepEqual(stdout.trim().split('\n'), [
    'nice 3 3',
    'priority 15',
    'limit [ 100, 200 ] [ 100, 200 ] 100',
    'core 0 Infinity',
    'affinity true EINVAL',
    'affinity true',
    'umask 27 true',
    'ESRCH ESRCH',
  ]);
  t.is(code, 0);
});

test('cpuCount counts the processors of the system', (t) => {
  t.is(cpuCount(), cpus().length);
});

test('bad arguments', (t) => {
  for (const mask of ['22', undefined]) t.throws(() => umask(mask as never), { instanceOf: TypeError });
  for (const mask of [-1, 0o1000, 0.5]) t.throws(() => umask(mask), { instanceOf: RangeError });
  t.throws(() => nice('1' as never), { instanceOf: TypeError });
  t.throws(() => nice(0.5), { instanceOf: RangeError });
  t.throws(() => getpriority(3, 0), { instanceOf: RangeError });
  t.throws(() => getpriority(0, -1), { instanceOf: RangeError });
  t.throws(() => getpriority('0' as never, 0), { instanceOf: TypeError });
  for (const value of [-21, 20, 1.5]) t.throws(() => setpriority(0, 0, value), { instanceOf: RangeError });
  for (const call of [getrlimit, (what: never) => setrlimit(what, [1, 1])]) {
    t.throws(() => call('nothing' as never), { instanceOf: TypeError, code: 'ERR_INVALID_ARG_VALUE' });
    t.throws(() => call(undefined as never), { instanceOf: TypeError });
    t.throws(() => call(16 as never), { instanceOf: RangeError });
  }
  for (const limits of [undefined, 1, [1], [1, 2, 3], ['1', 2], [1, null]]) {
    t.throws(() => setrlimit('nofile', limits as never), { instanceOf: TypeError });
  }
  for (const limits of [
    [2, 1],
    [-1, 1],
    [0.5, 1],
    [Number.NaN, 1],
    [Number.POSITIVE_INFINITY, 1],
  ]) {
    t.throws(() => setrlimit('nofile', limits as never), { instanceOf: RangeError });
  }
  t.throws(() => schedGetaffinity(-1), { instanceOf: RangeError });
  for (const list of [undefined, 1, 'x', {}, [], ['0']]) {
    t.throws(() => schedSetaffinity(0, list as never), { instanceOf: TypeError });
  }
  for (const list of [[-1], [0.5], [2 ** 31]])
    t.throws(() => schedSetaffinity(0, list), { instanceOf: RangeError });
});

test('capabilities tell what works', (t) => {
  t.like(capabilities, {
    native: true,
    robustMutex: true,
    pthreads: true,
    sharedMemory: true,
    platform: process.platform,
  });
  t.true(['full', 'basic', false].includes(capabilities.fork));
  t.is(typeof capabilities.reason, capabilities.fork === 'full' ? 'undefined' : 'string');
  t.throws(() => Object.assign(capabilities, { native: false }), { instanceOf: TypeError });
});
