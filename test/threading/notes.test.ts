// The notes' programs against what their Python originals print.
import test from 'ava';
import { runNode, runPython } from '../helpers/program.js';

const lines = (text: string): string[] => text.trimEnd().split('\n').sort();

test('LoopThread', async (t) => {
  const [ours, python] = await Promise.all([
    runNode('examples/threads/loop.js'),
    runPython('test/fixtures/python/thread_loop.py'),
  ]);
  t.is(ours.stderr, '');
  t.is(ours.stdout, python.stdout);
  t.is(ours.code, 0);
});

test('a lock at module level and a shared balance', async (t) => {
  const [ours, python] = await Promise.all([
    runNode('examples/threads/lock.js'),
    runPython('test/fixtures/python/thread_lock.py'),
  ]);
  t.is(ours.stderr, '');
  t.is(ours.stdout, python.stdout);
});

test('local', async (t) => {
  const [ours, python] = await Promise.all([
    runNode('examples/threads/local.js'),
    runPython('test/fixtures/python/thread_local.py'),
  ]);
  t.is(ours.stderr, '');
  // Which of the two comes first is nobody's to say.
  t.deepEqual(lines(ours.stdout), lines(python.stdout));
});

test('MyThreadRLock', async (t) => {
  const [ours, python] = await Promise.all([
    runNode('examples/threads/rlock.js'),
    runPython('test/fixtures/python/thread_rlock.py'),
  ]);
  t.is(ours.stderr, '');
  t.is(ours.code, 0);
  // Who comes first differs; the names and the numbers don't.
  const parts = (text: string, i: number): (string | undefined)[] =>
    lines(text)
      .map((line) => line.split(' number to ')[i])
      .sort();
  t.deepEqual(parts(ours.stdout, 0), parts(python.stdout, 0));
  t.deepEqual(parts(ours.stdout, 1), parts(python.stdout, 1));
});

test('MyThreadLock ends with DeadlockError and hangs nobody', async (t) => {
  const { stdout, stderr, code } = await runNode('examples/threads/deadlock.js');
  t.is(stderr, '');
  t.is(code, 0);
  const printed = stdout.trimEnd().split('\n');
  t.is(printed.at(-1), '没有线程被挂住');
  t.is(printed.filter((line) => /^Thread-\d DeadlockError$/.test(line)).length, 5);
  t.is(printed.filter((line) => /^Thread-\d set number to \d$/.test(line)).length, 5);
});
