import test from 'ava';
import { runFixture } from '../../helpers/run-fixture.js';

const places = [
  'module',
  'timer',
  'first immediate',
  'second immediate',
  'between immediates',
  'tick',
  'microtask',
  'readFile',
  'fs promise',
  'socket data',
  'http request',
  'close event',
  'signal',
  'child exit',
  'watcher',
  'deep in the stack',
  'generator',
];

for (const place of places) {
  test(`nothing of the parent's is heard of in a child started from: ${place}`, async (t) => {
    const { stdout, stderr, code } = await runFixture('process/quiet.js', { args: [place] });
    t.is(stdout, `${place}: program served true\nparent: 0 ${place} true\n`);
    t.is(stderr, '');
    t.is(code, 0);
  });
}
