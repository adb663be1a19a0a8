import test from 'ava';
import { runFixture } from '../helpers/run-fixture.js';

// A turn lasts about a millisecond, and may be many acquisitions: only over many turns does each come to its share.
const CASES = [
  ['parties', 'Lock', 'sync', 8_000_000],
  ['parties', 'Lock', 'promise', 3_000_000],
  ['parties', 'RLock', 'sync', 8_000_000],
  ['parties', 'Semaphore', 'sync', 8_000_000],
  ['chains', 'Lock', 'promise', 4_000],
  ['chains', 'RLock', 'promise', 4_000],
  ['chains', 'Semaphore', 'promise', 4_000],
] as const;

for (const [who, kind, form, total] of CASES) {
  const four = who === 'chains' ? 'four chains of one thread' : 'two threads of two processes each';
  test(`${four} share a ${kind} (${form})`, async (t) => {
    const { stdout, stderr } = await runFixture('sync/fair.js', { args: [who, kind, form, String(total)] });
    t.is(stderr, '');
    const counts: number[] = JSON.parse(stdout);
    t.is(
      counts.reduce((sum, count) => sum + count, 0),
      total,
    );
    // Chains take turns one by one. Threads have turns of equal time, in which a slower one comes to less: half of its
    // share is the rule, and here is only seen that nobody starves.
    const share = total / 4;
    t.true(Math.min(...counts) >= share / (who === 'chains' ? 2 : 10), `of ${total}: ${counts}`);
  });
}
