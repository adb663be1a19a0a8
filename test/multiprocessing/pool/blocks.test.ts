import test from 'ava';
import { runFixture } from '../../helpers/run-fixture.js';

for (const name of ['kinds', 'many', 'private', 'no descriptor', 'foreign', 'kept']) {
  test(name, async (t) => {
    const result = await runFixture('pool/blocks.js', {
      args: [name],
      flags: ['--expose-gc'],
      timeout: 60_000,
    });
    t.is(result.stderr, '');
    t.is(result.stdout, 'done\n');
    t.is(result.code, 0);
  });
}
