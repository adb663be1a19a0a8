import test from 'ava';
import { runNode } from '../helpers/program.js';

test('without the addon', async (t) => {
  const { stdout, stderr, code } = await runNode('test/fixtures/posix/fallback.js', [], {
    PRONG_NATIVE: '0',
  });
  t.is(stderr, '');
  const lines = stdout.trim().split('\n');
  const capabilities = JSON.parse(lines.pop() as string);
  t.deepEqual(lines, [
    'true true true 1',
    'true',
    '2',
    '10',
    'true',
    'written',
    '8',
    '5 true undefined',
    'waitpid ENOTSUP',
  ]);
  t.like(capabilities, {
    native: false,
    fork: false,
    robustMutex: false,
    pthreads: false,
    sharedMemory: false,
  });
  t.regex(capabilities.reason, /PRONG_NATIVE=0/);
  t.is(code, 9);
});
