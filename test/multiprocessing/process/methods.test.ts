import test from 'ava';
import { runFixture } from '../../helpers/run-fixture.js';

const ended = (number: number, how: string) =>
  `process Process-${number} ${how} before its target came to an end`;
const unsettled = 'the target never settled, and nothing is left that could settle it';

const expected = [
  'new null null false "Process-1" false',
  'started "number" true',
  'joined 0 false 0 {"argument":"x","options":{"option":1},"words":["a","b"],"name":"Process-1","daemon":false,"parent":"MainProcess"} 5',
  'thrown 1 "RangeError" "bad" "E_BAD" [1] "why"',
  'thrown true "Special" true',
  'exit 0 "right" "no error"',
  `exit 7 "right" ${JSON.stringify(ended(4, 'ended with exit code 7'))}`,
  'exit code "right" "no error"',
  'listener "right" "no error"',
  'uncaught "right" "late"',
  'rejection "right" "nobody"',
  `unsettled "right" "${unsettled}"`,
  `terminate true "right" "${ended(10, 'was killed by SIGTERM')}"`,
  `kill true "right" "${ended(11, 'was killed by SIGKILL')}"`,
  `interrupt true "right" "${ended(12, 'was killed by SIGINT')}"`,
  'subclass true 42',
  'unsendable 0 "ERR_DATA_CLONE"',
];

for (const method of ['fork', 'spawn', 'forkserver', 'thread']) {
  test(`start method ${method}`, async (t) => {
    const { stdout, stderr, code } = await runFixture('process/methods.js', {
      args: [method],
      timeout: 60_000,
    });
    t.deepEqual(stdout.trimEnd().split('\n'), expected);
    t.regex(stderr, /^Process Process-2:\n.*bad\n {4}at /m);
    t.regex(stderr, /^Process Process-7:\nTypeError: late\n/m);
    t.is(code, 0);
  });
}

for (const method of ['spawn', 'thread']) {
  test(`start method ${method} without the addon`, async (t) => {
    const { stdout, code } = await runFixture('process/methods.js', {
      args: [method],
      env: { PRONG_NATIVE: '0' },
      timeout: 60_000,
    });
    t.deepEqual(stdout.trimEnd().split('\n'), expected);
    t.is(code, 0);
  });
}
