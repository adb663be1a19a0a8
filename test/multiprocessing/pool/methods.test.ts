import { readFileSync } from 'node:fs';
import test from 'ava';
import { runFixture } from '../../helpers/run-fixture.js';

/** The names of the fixture's cases, as its source has them. */
const source = readFileSync(new URL('../../fixtures/pool/methods.js', import.meta.url), 'utf8');
const names = [
  ...source
    .slice(source.indexOf('const cases'))
    .matchAll(/^ {4}(?:'([^']+)'|(\w+)): (?:async )?\(\) => \{$/gm),
].map(([, quoted, plain]) => quoted ?? plain);

for (const context of ['fork', 'spawn', 'forkserver', 'thread']) {
  test(`workers of start method ${context}`, async (t) => {
    t.true(names.length > 25);
    const { stdout, stderr, code } = await runFixture('pool/methods.js', {
      args: [context],
      timeout: 120_000,
    });
    t.is(stderr, '');
    t.deepEqual(stdout.trimEnd().split('\n'), [...names, 'nothing is left']);
    t.is(code, 0);
  });
}
