import test from 'ava';
import { runSync } from 'prong/subprocess';

test('PRONG_NATIVE=0: the same interface over child_process', (t) => {
  const path = new URL('../fixtures/subprocess/fallback.js', import.meta.url).pathname;
  const done = runSync([process.execPath, path], {
    env: { ...process.env, PRONG_NATIVE: '0' },
    captureOutput: true,
    text: true,
    timeout: 60_000,
  });
  t.is(done.stderr, '');
  t.is(done.stdout, 'all right\n');
  t.is(done.returncode, 0);
});
