import test from 'ava';
import { reviveHandles } from 'prong';
import { ThreadLocal } from 'prong/posix';
import { runNode } from '../helpers/program.js';

test('each thread and each process has its own', async (t) => {
  const { stdout, stderr, code } = await runNode('test/fixtures/posix/thread-local.js');
  t.is(stderr, '');
  t.deepEqual(stdout.trim().split('\n'), [
    'many true',
    'fork 42 0',
    ...Array(3).fill('worker undefined true undefined 1'),
  ]);
  t.is(code, 0);
});

test('get, set, delete', (t) => {
  const local = new ThreadLocal<unknown>();
  t.is(local.get(), undefined);
  t.false(local.delete());
  for (const value of [0, null, 'text', 1n, Symbol.iterator, {}, () => {}]) {
    local.set(value);
    t.is(local.get(), value);
  }
  const clone = reviveHandles(structuredClone({ local })).local;
  t.true(clone instanceof ThreadLocal);
  t.is(clone.get(), local.get());
  t.true(local.delete());
  t.is(clone.get(), undefined);
  t.throws(() => ThreadLocal.fromHandle({}), { code: 'ERR_INVALID_ARG_VALUE' });
});
