import test from 'ava';
import { runFixture } from '../helpers/run-fixture.js';

const forForm = (form: string) => [
  `a waiter for a lock (${form}): true false`,
  `for a semaphore (${form}): true 0`,
  '1 true',
  `for an event (${form}): true`,
  `for a condition (${form}): true false`,
  `at a barrier (${form}): 0 false`,
  '0,1',
];

test('holders and waiters of every kind are killed, and nobody is stuck or miscounted', async (t) => {
  const { stdout, stderr, code } = await runFixture('sync/deaths.js');
  t.is(stderr, '');
  t.deepEqual(stdout.trim().split('\n'), [
    'RLock held three deep (sync): false false',
    'RLock held three deep (promise): false false',
    "onOwnerDied 'throw': EOWNERDEAD true true",
    'EOWNERDEAD EOWNERDEAD true false',
    'recovered: false true undefined',
    'a thread of a process ended with it, then the process: true true',
    ...forForm('sync'),
    ...forForm('promise'),
  ]);
  t.is(code, 0);
});
