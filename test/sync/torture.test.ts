import test from 'ava';
import { runFixture } from '../helpers/run-fixture.js';

// Ten thousand rounds: npm run test:stress.
test('four processes with two threads each do everything at random, and are killed', async (t) => {
  const seed = String(Date.now() % 2 ** 31);
  const { stdout, stderr, code } = await runFixture('sync/torture/main.js', { args: ['16', seed] });
  t.is(stderr, '', `seed ${seed}`);
  t.is(stdout, '16 rounds, some killed\n', `seed ${seed}`);
  t.is(code, 0);
});
