import test from 'ava';
import { runFixture } from '../../helpers/run-fixture.js';

const ways: Record<string, string[]> = {
  'as Node is': ['--expose-gc'],
  'with marking and compaction all the time': [
    '--expose-gc',
    '--stress-incremental-marking',
    '--max-semi-space-size=1',
  ],
};

for (const [way, flags] of Object.entries(ways)) {
  test(`two thousand forks under collection and compilation, ${way}`, async (t) => {
    const result = await runFixture('fork/many.js', { args: ['2000'], flags, timeout: 20 * 60_000 });
    t.deepEqual(result.lines, [
      'parent 2000 of 2000',
      'parent mappings bounded',
      'parent memory bounded',
      'parent threads 0, descriptors 0, zombies 0',
    ]);
    t.is(result.stderr, '');
    t.is(result.code, 0);
  });
}
