import { fork as forkProgram, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { compiled, runProgram } from '../../helpers/program.js';

const fixture = (name: string) => `test/fixtures/repair/${name}.js`;

test('a fork in a request handler does not cut the response short', async (t) => {
  const { stdout, stderr, code } = await runProgramOf('http-response');
  t.is(stderr, '');
  t.is(stdout, 'child 0\nwhole\n');
  t.is(code, 0);
});

for (const chunks of [1, 3]) {
  test(`a socket ended with ${chunks} chunk(s) to send gives all of them, once`, async (t) => {
    const { stdout, stderr } = await runProgramOf('ended-socket', [String(chunks)]);
    t.is(stderr, '');
    t.is(stdout, `child 0\n${chunks * 2 ** 23}\n`);
  });
}

test('what a file stream buffers is written once', async (t) => {
  const directory = await mkdtemp(join(tmpdir(), 'repair-'));
  t.teardown(() => rm(directory, { recursive: true }));
  const { stdout, stderr } = await runProgramOf('write-stream', [join(directory, 'file')]);
  t.is(stderr, '');
  t.is(stdout, 'each once\n');
});

const python = spawnSync('python3', ['-c', 'import pty']).status === 0;
for (const how of ['exit', 'by itself', 'throw', 'signal']) {
  (python ? test : test.skip)(`a raw terminal stays raw when a child ends: ${how}`, (t) => {
    const script = 'import pty, sys; pty.spawn(sys.argv[1:])';
    const args = ['-c', script, process.execPath, compiled(fixture('terminal')), how];
    const { stdout } = spawnSync('python3', args, { encoding: 'utf8', input: '' });
    t.regex(stdout, /after: raw\r*\nat the end: cooked/);
  });
}

test("messages that arrived together with the one being handled stay the parent's", async (t) => {
  const program = forkProgram(compiled(fixture('ipc-messages')), {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  await once(program, 'message');
  program.send('first');
  program.send('second');
  const [answer] = await once(program, 'message');
  t.is(answer, 'child 7');
  program.disconnect();
  const [code] = await once(program, 'exit');
  t.is(code, 0);
});

function runProgramOf(name: string, args: string[] = []) {
  return runProgram(process.execPath, [compiled(fixture(name)), ...args]);
}
