import test from 'ava';
import { runFixture } from '../helpers/run-fixture.js';

const env = { PRONG_NATIVE: '0' };

test('pools of threads do all that they do with the addon', async (t) => {
  const { stdout, stderr, code } = await runFixture('pool/methods.js', {
    args: ['thread'],
    env,
    timeout: 120_000,
  });
  t.is(stderr, '');
  t.true(stdout.endsWith('nothing is left\n'), stdout);
  t.is(code, 0);
});

test('a pool that was not told of what its workers are uses threads; one that was says what is missing', async (t) => {
  const { stdout, stderr } = await runFixture('pool/fallback.js', { env });
  t.is(stderr, '');
  t.is(stdout, 'true 9\nENOTSUP spawn\nENOTSUP fork\n');
});
