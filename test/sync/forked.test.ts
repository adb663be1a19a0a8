import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import test from 'ava';

const program = fileURLToPath(new URL('../fixtures/sync/forked.js', import.meta.url));

test('primitives between forked processes, some of them killed', (t) => {
  const { stdout, stderr, status } = spawnSync(process.execPath, [program], {
    encoding: 'utf8',
    timeout: 60_000,
  });
  t.is(stderr, '');
  t.deepEqual(stdout.trim().split('\n'), [
    'counted 42000',
    'sync true true',
    'sync false false',
    'promise true true',
    'promise false false',
    'notified 7',
  ]);
  t.is(status, 0);
});
