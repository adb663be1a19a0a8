import test from 'ava';
import { registerAtFork } from 'prong/posix';
import { runNode } from '../helpers/program.js';

test("Python's order, and exceptions stop nothing", async (t) => {
  const { stdout, stderr, code } = await runNode('test/fixtures/posix/at-fork.js');
  t.deepEqual(stdout.trim().split('\n').sort(), [
    '0',
    'child before b, before a, child a, child b',
    'parent before b, before a, parent a, parent b, parent c',
  ]);
  const told = stderr.match(/^Exception ignored in .*$/gm)?.sort();
  t.deepEqual(told, [
    'Exception ignored in the afterInChild function of registerAtFork(): Error: in the child',
    'Exception ignored in the before function of registerAtFork(): Error: in before',
  ]);
  t.is(code, 0);
});

test('bad arguments', (t) => {
  for (const hooks of [undefined, null, 1, () => {}]) {
    t.throws(() => registerAtFork(hooks as never), { instanceOf: TypeError });
  }
  t.throws(() => registerAtFork({}), { code: 'ERR_INVALID_ARG_VALUE' });
  t.throws(() => registerAtFork({ before: 1 as never }), { code: 'ERR_INVALID_ARG_TYPE' });
});
