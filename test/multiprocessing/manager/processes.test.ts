import test from 'ava';
import { capabilities } from 'prong/posix';
import { runFixture } from '../../helpers/run-fixture.js';

// runFixture fails where a process or a socket file is left.
const cases: Record<string, string[]> = {
  shared: ["[ 0, 0, 0 ] 60 [ 'child 1', 'child 2', 'child 3' ]"],
  killed: ['held true 0', 'lock true', 'queue 5', 'semaphore true', 'waited for true'],
  passed: ['child [ 1, 2 ]'],
  forked: ['child ERR_MANAGER_ENDED', 'parent true'],
  collected: ['few true'],
  forgotten: ['[ 1 ]'],
};

for (const [part, lines] of Object.entries(cases)) {
  (capabilities.fork ? test : test.skip)(part, async (t) => {
    const result = await runFixture('manager/processes.js', { args: [part], flags: ['--expose-gc'] });
    t.deepEqual([result.lines, result.stderr, result.code], [lines, '', 0]);
  });
}

(capabilities.fork ? test : test.skip)('a program that is killed', async (t) => {
  const result = await runFixture('manager/processes.js', { args: ['murdered'] });
  t.deepEqual([result.lines, result.signal], [['[ 1 ]'], 'SIGKILL']);
});
