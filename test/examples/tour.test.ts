import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import test from 'ava';
import { programs } from '../../examples/programs.js';
import { runExample, runPython } from '../../examples/run.js';

/** What differs from run to run: pids and other numbers of that size, the order of two processes' lines, which thread
 * gets the lock first, which worker of a pool gets which task and how long it sleeps. */
function normalised(output: string): string[] {
  const seen = new Map<string, string>();
  const number = (text: string) => {
    if (!seen.has(text)) seen.set(text, `#${seen.size + 1}`);
    return seen.get(text)!;
  };
  // Numbered by their order in sorted lines with the numbers blanked out, so that which is which still counts.
  // A pool's tasks have numbers of their own.
  const blank = (line: string) => (/^任务/.test(line) ? line : line.replace(/\d+/g, '#'));
  return output
    .trimEnd()
    .split('\n')
    .map((line) =>
      line.replace(/^(任务名: \d+ 进程号: )\(\d+\)/, '$1(#)').replace(/(?<=运行了 )[\d.]+(?= 秒)/, '#'),
    )
    .sort((a, b) => (blank(a) < blank(b) ? -1 : blank(a) > blank(b) ? 1 : 0))
    .map((line) =>
      line.replace(/(?<=\()\d{2,}(?=\))/g, number).replace(/^Thread-\d+ number/, 'Thread-# number'),
    );
}

for (const { file, python } of programs) {
  if (python === undefined) continue;
  test(`${file} prints what its Python program prints`, async (t) => {
    const theirs = await runPython(python);
    if (theirs === undefined) {
      t.log('no python3 here');
      t.pass();
      return;
    }
    const ours = await runExample(file);
    t.is(ours.failure, undefined, ours.output);
    t.deepEqual(normalised(ours.output), normalised(theirs.output));
  });
}

test('the tour runs every program and ends with exit code 0', async (t) => {
  const tour = fileURLToPath(new URL('../../examples/tour.js', import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, [tour]);
  for (const { title } of programs) t.true(stdout.includes(title), title);
  t.true(stdout.trimEnd().endsWith(`All ${programs.length} programs ran.`));
});
