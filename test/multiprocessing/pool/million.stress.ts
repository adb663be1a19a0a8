import test from 'ava';
import { runFixture } from '../../helpers/run-fixture.js';

test('a million tasks while workers are killed', async (t) => {
  const result = await runFixture('pool/million.js', {
    args: ['1000000'],
    flags: ['--expose-gc'],
    timeout: 20 * 60_000,
  });
  t.is(result.stdout, 'workers died\nmemory flat\nmappings flat\ndescriptors 0\nchildren 0\n');
  t.is(result.stderr, '');
  t.is(result.code, 0);
});
