import test from 'ava';
import { names } from '../../fixtures/fork/load.js';
import { runFixture } from '../../helpers/run-fixture.js';

const ways: Record<string, string[]> = {
  'as Node is': ['--expose-gc'],
  'with a small young generation': ['--expose-gc', '--max-semi-space-size=1'],
  'with marking that never ends': ['--expose-gc', '--stress-incremental-marking'],
};

const rounds = 12;

for (const name of names) {
  for (const [way, flags] of Object.entries(ways)) {
    test(`${name}, ${way}`, async (t) => {
      const result = await runFixture('fork/load.js', {
        args: [name, String(rounds)],
        flags,
        timeout: 60_000,
      });
      t.deepEqual(result.lines, [`parent ${rounds} of ${rounds}`]);
      t.is(result.stderr, '');
      t.is(result.code, 0);
    });
  }
}
