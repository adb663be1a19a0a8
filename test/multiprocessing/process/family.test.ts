import test from 'ava';
import { runFixture } from '../../helpers/run-fixture.js';

const cases: Record<string, { stdout: string | RegExp; code?: number; input?: string }> = {
  many: { stdout: '0 0\n' },
  unjoined: { stdout: '0,0,0,0,0\n' },
  statuses: { stdout: '3 4 5\n' },
  'plain fork': { stdout: 'child 0\nexit 3 true,true\n-15,-15\n' },
  refused: { stdout: 'ERR_LIVE_WORKER undefined 0 0 0\nchild\n0\n' },
  waits: { stdout: 'child\nparent 0\n' },
  exits: { stdout: 'child\n', code: 6 },
  daemon: { stdout: 'parent\n' },
  'killed parent': { stdout: /^\d+\nmiddle -9\n$/ },
  nested: { stdout: 'Process-1 Process-1:1 Process-1:1:1 deep\n' },
  descendants: { stdout: /^(thread\ngrandchild|grandchild\nthread)\nparent 0\n$/ },
  server: { stdout: 'in the parent false\n' },
  signals: { stdout: 'all ended\n' },
  'closed server': { stdout: 'free\n' },
  stdin: { stdout: 'empty true\n', input: 'for the parent' },
  sentinel: { stdout: 'false true\ntrue\n' },
  context: { stdout: 'store\n' },
  descriptors: { stdout: 'fork no more\nspawn no more\nforkserver no more\n' },
};

for (const [name, { stdout, code = 0, input = '' }] of Object.entries(cases)) {
  test(name, async (t) => {
    // It also fails where a process is left.
    const result = await runFixture('process/family.js', { args: [name], input, timeout: 60_000 });
    if (typeof stdout === 'string') t.is(result.stdout, stdout);
    else t.regex(result.stdout, stdout);
    t.is(result.stderr, '');
    t.is(result.code, code);
  });
}

test('domains', async (t) => {
  const { stdout, stderr } = await runFixture('process/family.js', { args: ['domains'] });
  t.is(stdout, 'child none\n1\n');
  t.regex(stderr, /Error: of the child/);
});

test('output', async (t) => {
  const { stdout, stderr } = await runFixture('process/family.js', { args: ['output'] });
  const lines = Array.from({ length: 2000 }, (_, i) => `${i} ${'x'.repeat(90)}`);
  t.is(stdout, ['parent 1', ...lines, 'last', 'parent 2', ''].join('\n'));
  t.is(stderr, '');
});

test('bad input', async (t) => {
  const { stdout, stderr, code } = await runFixture('process/bad-input.js');
  t.deepEqual(stdout.trimEnd().split('\n'), [
    ...Array(3).fill('target ERR_INVALID_ARG_TYPE'),
    'args ERR_INVALID_ARG_TYPE',
    'kwargs ERR_INVALID_ARG_TYPE',
    'name ERR_INVALID_ARG_TYPE',
    'daemon ERR_INVALID_ARG_TYPE',
    'startMethod ERR_INVALID_ARG_VALUE',
    'inherit ERR_INVALID_ARG_VALUE',
    'options ERR_INVALID_ARG_TYPE',
    'setStartMethod ERR_INVALID_ARG_VALUE',
    'getContext ERR_INVALID_ARG_VALUE',
    'join before start ERR_PROCESS_NOT_STARTED',
    'joinSync before start ERR_PROCESS_NOT_STARTED',
    'terminate before start ERR_PROCESS_NOT_STARTED',
    'sentinel before start ERR_PROCESS_NOT_STARTED',
    'result before start ERR_PROCESS_NOT_STARTED',
    'exitcode before start nothing null',
    'start twice ERR_PROCESS_STARTED',
    'close while running ERR_PROCESS_ALIVE',
    'daemon while running ERR_PROCESS_STARTED',
    'join NaN ERR_OUT_OF_RANGE',
    'join -1 ERR_OUT_OF_RANGE',
    'join 0 nothing undefined',
    'joinSync 1 nothing undefined',
    'kill the dead nothing undefined',
    'start again ERR_PROCESS_STARTED',
    'close nothing undefined',
    'close twice nothing undefined',
    'exitcode of a closed one ERR_PROCESS_CLOSED',
    'join a closed one ERR_PROCESS_CLOSED',
    'join oneself ERR_PROCESS_SELF',
    'setStartMethod again ERR_CONTEXT_SET',
    'getStartMethod nothing fork',
    'daemonic ERR_PROCESS_DAEMONIC',
    'join a sibling ERR_PROCESS_FOREIGN',
    'ask a sibling ERR_PROCESS_FOREIGN',
  ]);
  t.is(stderr, '');
  t.is(code, 0);
});
