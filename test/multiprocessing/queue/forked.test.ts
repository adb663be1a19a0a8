import test from 'ava';
import { runFixture } from '../../helpers/run-fixture.js';

async function outputOf(name: string): Promise<string> {
  const { code, stderr, stdout } = await runFixture('queue/forked.js', { args: [name], timeout: 60_000 });
  if (code !== 0 || stderr !== '') throw new Error(`${code}: ${stderr}`);
  return stdout;
}

test('many writers and readers lose nothing and double nothing', async (t) => {
  t.is(await outputOf('many'), 'true 8000\n');
});

test('values come back as they went', async (t) => {
  const output = await outputOf('values');
  t.regex(output, /^1\ntrue\ntrue\n/);
  t.regex(output, /Map\(1\) \{ 1 => 1970-01-01T00:00:00.000Z \}/);
  t.regex(output, /RangeError: wrong/);
  t.regex(output, /\[cause\]: \{ deep: \[ 1n \] \}/);
  t.regex(output, /code: 'E_WRONG'/);
  t.regex(output, /Float64Array 200000 0.5\ntrue\n$/);
});

test('readers that die waiting leave no trace', async (t) => {
  t.is(await outputOf('waiters'), 'sync 5 0\npromise 5 0\nexit 5 0\n');
});

test('join() waits for the last task', async (t) => {
  t.is(await outputOf('tasks'), 'true true\n');
});

test('a promise that waits keeps the process alive, a queue does not', async (t) => {
  t.is(await outputOf('alive'), 'came\n');
});
