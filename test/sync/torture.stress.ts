import test from 'ava';
import { runFixture } from '../helpers/run-fixture.js';

const rounds = process.env.ROUNDS ?? '10000';
const seed = process.env.SEED ?? String(Date.now() % 2 ** 31);

test(`${rounds} rounds of everything at random over four processes with two threads each`, async (t) => {
  const options = { args: [rounds, seed, 'verbose'], timeout: 25 * 60_000 };
  const { stdout, stderr, code } = await runFixture('sync/torture/main.js', options);
  t.log(stdout);
  t.is(stderr, '', `seed ${seed}`);
  t.is(code, 0);
});
