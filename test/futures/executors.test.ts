import test from 'ava';
import { runFixture } from '../helpers/run-fixture.js';

const names = [
  'submit',
  'errors',
  'time limits',
  'cancel',
  'callbacks',
  'map',
  'wait',
  'asCompleted',
  'initializer',
  'shutdown',
  'nothing is left',
];

for (const kind of ['processes', 'threads']) {
  test(`executors of ${kind}`, async (t) => {
    const { stdout, stderr, code } = await runFixture('futures/executors.js', {
      args: [kind],
      timeout: 60_000,
    });
    t.is(stderr, '');
    t.deepEqual(stdout.trimEnd().split('\n'), names);
    t.is(code, 0);
  });
}
