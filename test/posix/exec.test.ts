import { spawn } from 'node:child_process';
import test from 'ava';
import { execv, execve, execvp } from 'prong/posix';
import { compiled, runNode } from '../helpers/program.js';

const run = (name: string) => runNode('test/fixtures/posix/exec.js', [], { PRONG_CASE: name });

test('execv keeps the pid and the environment, set in this process', async (t) => {
  const { stdout, code } = await run('execv');
  t.regex(stdout, /^pid (\d+) = \1, by us\n$/);
  t.is(code, 0);
});

test('execve sets the environment', async (t) => {
  t.like(await run('execve'), { stdout: 'b--\n', code: 0 });
});

test('execvp looks in PATH, and passes argv[0]', async (t) => {
  t.like(await run('execvp'), { stdout: 'named\n', code: 3 });
});

test('execvpe looks in the PATH it is given', async (t) => {
  t.like(await run('execvpe'), { stdout: '/nowhere:/bin:/usr/bin\n', code: 0 });
});

test('the program finds the signals of a fresh one', async (t) => {
  const { stdout } = await run('signals');
  const masks = stdout
    .trim()
    .split('\n')
    .map((line) => BigInt(`0x${line.split(/\s+/)[1]}`));
  const ignored = masks[1] as bigint;
  t.is(masks[0], 0n);
  for (const signal of [13n, 25n]) t.is(ignored & (1n << (signal - 1n)), 0n);
});

test('the program finds blocking standard streams', async (t) => {
  const child = spawn(process.execPath, [compiled('test/fixtures/posix/exec.js')], {
    env: { ...process.env, PRONG_CASE: 'blocking' },
  });
  let stdout = '';
  child.stdout.on('data', (chunk) => {
    stdout += chunk;
  });
  await new Promise((resolve) => child.on('close', resolve));
  child.stdin.destroy();
  const flags = Number.parseInt(stdout.trim().split(/\s+/)[1] as string, 8);
  t.is(flags & 0o4000, 0);
});

test('descriptors are closed by an exec unless they are inheritable', async (t) => {
  const { stdout } = await run('inherit');
  t.is(stdout, 'copy\nkept');
});

test('an exec that fails throws, and the process goes on unharmed', async (t) => {
  const { stdout, stderr, code } = await run('failures');
  t.is(stderr, '');
  t.deepEqual(stdout.trim().split('\n'), [
    'nothing ENOENT execve /no/such/program',
    'not in PATH ENOENT execve no-such-program',
    'a directory EACCES execve /tmp',
    'not executable EACCES execve /etc/passwd',
    'through a file ENOTDIR execve /etc/passwd/x',
    'too long E2BIG execve /bin/true',
    'empty name ENOENT execve undefined',
    'true',
    'signal',
    'goes on',
  ]);
  t.is(code, 0);
});

test('bad arguments', (t) => {
  t.throws(() => execv(1 as never, ['x']), { code: 'ERR_INVALID_ARG_TYPE' });
  t.throws(() => execv('/bin/true', 'x' as never), { code: 'ERR_INVALID_ARG_TYPE' });
  t.throws(() => execv('/bin/true', []), { code: 'ERR_INVALID_ARG_VALUE' });
  t.throws(() => execv('/bin/true', ['x', 1 as never]), { code: 'ERR_INVALID_ARG_TYPE' });
  t.throws(() => execv('/bin/true', ['x\0']), { code: 'ERR_INVALID_ARG_VALUE' });
  t.throws(() => execv('/bin/tr\0ue', ['x']), { code: 'ERR_INVALID_ARG_VALUE' });
  t.throws(() => execvp(null as never, ['x']), { code: 'ERR_INVALID_ARG_TYPE' });
  t.throws(() => execve('/bin/true', ['x'], null as never), { code: 'ERR_INVALID_ARG_TYPE' });
  t.throws(() => execve('/bin/true', ['x'], { A: 1 as never }), { code: 'ERR_INVALID_ARG_TYPE' });
  t.throws(() => execve('/bin/true', ['x'], { A: 'a\0b' }), { code: 'ERR_INVALID_ARG_VALUE' });
  t.throws(() => execve('/bin/true', ['x'], { 'A=B': 'c' }), { code: 'ERR_INVALID_ARG_VALUE' });
});
