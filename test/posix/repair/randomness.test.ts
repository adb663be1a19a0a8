import test from 'ava';
import { compiled, runProgram } from '../../helpers/program.js';

test('no generator gives a value twice, across collections and calls under way', async (t) => {
  const path = compiled('test/fixtures/repair/randomness.js');
  const { stdout, stderr, code } = await runProgram(process.execPath, ['--expose-gc', path]);
  t.is(stderr, '');
  t.is(code, 0);
  const processes = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown[]>);
  t.is(processes.length, 5);
  for (const name of Object.keys(processes[0]!)) {
    const all = processes.flatMap((values) => values[name]!);
    t.is(new Set(all).size, all.length, name);
  }
});

test('no vm context gives a value twice, in no sibling', async (t) => {
  const { stdout, stderr, code } = await runProgram(process.execPath, [
    compiled('test/fixtures/repair/vm-contexts.js'),
  ]);
  t.is(stderr, '');
  t.is(code, 0);
  const lines = stdout.trim().split('\n');
  t.is(lines.length, 150);
  const all = lines.flatMap((line) => line.split(' '));
  t.is(all.length, 150 * 601);
  t.is(new Set(all).size, all.length);
});
