import test from 'ava';
import { runFixture } from './helpers/run-fixture.js';

test('a Worker may be terminated while it loads prong', async (t) => {
  const { stdout, stderr, code } = await runFixture('load/terminated.js', { timeout: 60_000 });
  t.is(stderr, '');
  t.is(stdout, 'all terminated\n');
  t.is(code, 0);
});
