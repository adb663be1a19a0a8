import test from 'ava';
import { cases } from '../../fixtures/fork/places.js';
import { cases as codeCases } from '../../fixtures/fork/places-code.js';
import { cases as loopCases } from '../../fixtures/fork/places-loop.js';
import { testCases } from '../../helpers/lines.js';
import { runFixture } from '../../helpers/run-fixture.js';

testCases('./places.js', cases);
testCases('./places-loop.js', loopCases);
testCases('./places-code.js', codeCases);

const programs: Record<string, [file: string, lines: string[]]> = {
  'top level of a CommonJS program': [
    'top-level.cjs',
    ['child timer', 'child true', 'parent saw 0', 'parent timer'],
  ],
  'top level of a module': ['top-level.js', ['child true', 'parent saw 0', 'parent true']],
  'top level of a module, after await': [
    'after-await.js',
    ['child one', 'parent one', 'parent saw 0', 'parent saw 0', 'parent two', 'second two'],
  ],
  'top level of a module that another imports': [
    'imports-a-forker.js',
    [
      'child imported true',
      'child one',
      'parent imported true',
      'parent one',
      'parent saw 0',
      'parent saw 0',
      'parent two',
      'second imported true',
      'second two',
    ],
  ],
};

for (const [name, [file, lines]] of Object.entries(programs)) {
  test(name, async (t) => {
    const result = await runFixture(`fork/modules/${file}`);
    t.deepEqual(result.lines, lines);
    t.is(result.stderr, '');
    t.is(result.code, 0);
  });
}

test('a program on the command line', async (t) => {
  const script = `
    const { fork, waitpidSync } = require('prong/posix');
    const pid = fork();
    if (pid === 0) require('fs').writeSync(1, 'child\\n');
    else require('fs').writeSync(1, 'parent ' + waitpidSync(pid).exitCode + '\\n');`;
  const result = await runFixture('', { flags: ['-e', script] });
  t.deepEqual(result.lines, ['child', 'parent 0']);
  t.is(result.code, 0);
});
