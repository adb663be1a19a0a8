import test from 'ava';
import { run } from 'prong/subprocess';

const example = async (name: string) => {
  const path = new URL(`../../examples/subprocess/${name}.js`, import.meta.url).pathname;
  const { stdout } = await run([process.execPath, path], {
    captureOutput: true,
    text: true,
    check: true,
    timeout: 60_000,
  });
  return stdout;
};

const python = async (program: string) =>
  (await run(['python3', '-c', program], { captureOutput: true, text: true, check: true })).stdout;

test("call prints what the notes' program prints", async (t) => {
  const theirs = "import subprocess; code = subprocess.call('ls'); print('Exit code:', code)";
  // Python's own line comes last only when it isn't buffered; the lines are the same.
  t.deepEqual((await example('call')).split('\n').sort(), (await python(theirs)).split('\n').sort());
});

test('communicate talks to a program', async (t) => {
  t.regex(await example('communicate'), /Exit code: \d+\nerror code: \d+\n$/);
});

test('the others', async (t) => {
  t.is(await example('pipeline'), '468559 of a million numbers have a 7 in them\ncodes: 0 0 0\n');
  t.regex(await example('lines'), /^tick 1 .*\ntick 2 .*\ntick 3 .*\n$/);
  t.regex(await example('errors'), /exit status 2.*so far.*ENOENT execve no-such-program\n$/s);
});
