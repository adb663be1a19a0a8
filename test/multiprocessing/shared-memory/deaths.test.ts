import { existsSync, unlinkSync } from 'node:fs';
import test from 'ava';
import { capabilities } from 'prong/posix';
import { runFixture } from '../../helpers/run-fixture.js';

// runFixture waits until the tracker, which carries the program's environment, has ended too.
const cases: Record<string, string[]> = {
  end: [],
  throw: [],
  kill: [],
  child: ['there true'],
  parent: ['there true'],
  unlinked: ['there false', '10'],
};

for (const [way, rest] of Object.entries(cases)) {
  (capabilities.fork ? test : test.skip)(`no name is left: ${way}`, async (t) => {
    const { stdout } = await runFixture('shared-memory/deaths.js', { args: [way] });
    const [name, ...lines] = stdout.trim().split('\n');
    t.deepEqual(lines, rest);
    t.regex(name!, /^(psm_|prong-child-)/);
    t.false(existsSync(`/dev/shm/${name}`));
  });
}

test('a name that is not tracked is left', async (t) => {
  const { stdout } = await runFixture('shared-memory/deaths.js', { args: ['untracked'] });
  const path = `/dev/shm/${stdout.trim()}`;
  t.true(existsSync(path));
  unlinkSync(path);
});
