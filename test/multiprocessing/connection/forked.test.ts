import { existsSync } from 'node:fs';
import test from 'ava';
import { capabilities } from 'prong/posix';
import { runFixture } from '../../helpers/run-fixture.js';

const cases: Record<string, string[]> = {
  pending: ['child ERR_CLOSED', 'child down', 'parent ERR_CLOSED', 'parent up'],
  half: ['parent true next'],
  sync: ['parent 1000'],
  killed: ['parent EPIPE', 'parent true EOF'],
  process: ['parent 1 true', 'parent gave up ERR_CLOSED', 'parent got two', 'parent one'],
  passed: ['parent from false EOF'],
};

for (const [part, lines] of Object.entries(cases)) {
  (capabilities.fork ? test : test.skip)(part, async (t) => {
    const result = await runFixture('connection/forked.js', { args: [part] });
    t.deepEqual([result.lines, result.stderr, result.code], [lines, '', 0]);
  });
}

test("a listener's file goes away when the program is killed", async (t) => {
  const result = await runFixture('connection/forked.js', { args: ['listener'] });
  t.is(result.signal, 'SIGKILL');
  const [path, there] = result.stdout.split('\n');
  t.is(there, 'there true');
  t.false(existsSync(path!));
});
