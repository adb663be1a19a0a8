import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { MaxBufferError, PIPE, Popen, run, runSync, STDOUT } from 'prong/subprocess';
import { leavesNothing } from '../helpers/leaks.js';

interface Expected {
  code: string;
  instanceOf?: new (message?: string) => Error;
  errno?: number;
  syscall?: string;
  path?: string;
}

type Wrong = [what: string, args: unknown, options: object | undefined, expected: Expected];

const NUL = { code: 'ERR_INVALID_ARG_VALUE', instanceOf: TypeError };
const TYPE = { code: 'ERR_INVALID_ARG_TYPE', instanceOf: TypeError };
const RANGE = { code: 'ERR_OUT_OF_RANGE', instanceOf: RangeError };

const wrong: Wrong[] = [
  [
    'no such program',
    'no-such-program',
    undefined,
    { code: 'ENOENT', errno: -2, syscall: 'execve', path: 'no-such-program' },
  ],
  ['no such file', ['/no/such/file', 'x'], undefined, { code: 'ENOENT', path: '/no/such/file' }],
  ['a directory', ['/'], undefined, { code: 'EACCES', syscall: 'execve', path: '/' }],
  ['not executable', ['/etc/passwd'], undefined, { code: 'EACCES', path: '/etc/passwd' }],
  [
    'a bad cwd',
    'true',
    { cwd: '/no/such/directory' },
    { code: 'ENOENT', syscall: 'chdir', path: '/no/such/directory' },
  ],
  [
    'a file as cwd',
    'true',
    { cwd: '/etc/passwd' },
    { code: 'ENOTDIR', syscall: 'chdir', path: '/etc/passwd' },
  ],
  ['NUL in an argument', ['true', 'a\0b'], undefined, NUL],
  ['NUL in cwd', 'true', { cwd: '/\0' }, NUL],
  ['NUL in env', 'true', { env: { A: 'a\0b' } }, NUL],
  ['= in a name', 'true', { env: { 'A=B': 'c' } }, NUL],
  [
    'an environment too large',
    'true',
    { env: { A: 'x'.repeat(4 << 20) } },
    { code: 'E2BIG', syscall: 'execve' },
  ],
  ['an argument too long', ['true', 'x'.repeat(4 << 20)], undefined, { code: 'E2BIG' }],
  ['no arguments', [], undefined, NUL],
  ['an empty name', '', undefined, NUL],
  ['a number as command', 5, undefined, TYPE],
  ['a number as argument', ['true', 5], undefined, TYPE],
  ['options of no type', 'true', 5 as never, TYPE],
  ['a bad descriptor', 'true', { stdout: 9999 }, { code: 'EBADF' }],
  ['a negative descriptor', 'true', { stdin: -17 }, RANGE],
  ['STDOUT for stdin', 'true', { stdin: STDOUT }, NUL],
  ['a string as stdio', 'true', { stdout: 'file' }, TYPE],
  ['a bad passFds', 'true', { passFds: [9999] }, { code: 'EBADF' }],
  ['a user that is not there', 'true', { user: 'nobody-of-this-name' }, NUL],
  ['a negative uid', 'true', { user: -1 }, RANGE],
  ['a signal that is none', 'true', { signal: {} }, TYPE],
  ['a timeout of NaN', 'true', { timeout: Number.NaN }, RANGE],
  ['a negative timeout', 'true', { timeout: -1 }, RANGE],
  ['an unknown encoding', 'true', { encoding: 'klingon' }, { code: 'ERR_UNKNOWN_ENCODING' }],
  ['a maxBuffer of 0', 'true', { maxBuffer: 0 }, RANGE],
  ['input of a number', 'true', { input: 5 }, TYPE],
  ['input and stdin', 'true', { input: '', stdin: PIPE }, NUL],
  ['captureOutput and stdout', 'true', { captureOutput: true, stdout: PIPE }, NUL],
  ['a preexecFn that is none', 'true', { preexecFn: 'x' }, TYPE],
];

for (const [what, args, options, expected] of wrong) {
  test.serial(
    `bad input: ${what}`,
    leavesNothing(async (t) => {
      const { instanceOf = Error, ...properties } = expected;
      const errors = [
        await t.throwsAsync<Error>(run(args as string, options), { instanceOf }),
        t.throws<Error>(() => runSync(args as string, options), { instanceOf }),
      ];
      for (const error of errors) t.like(error, properties);
    }),
  );
}

test.serial(
  'a script without an interpreter line is not executable, as in Python',
  leavesNothing((t) => {
    const directory = mkdtempSync(join(tmpdir(), 'prong-'));
    const script = join(directory, 'script');
    writeFileSync(script, 'echo hello\n');
    chmodSync(script, 0o755);
    t.throws(() => runSync(script), { code: 'ENOEXEC' });
    rmSync(directory, { recursive: true });
  }),
);

test.serial(
  'output beyond maxBuffer ends the program and keeps what fitted',
  leavesNothing(async (t) => {
    const options = { captureOutput: true, maxBuffer: 100_000 };
    const error = await t.throwsAsync<MaxBufferError>(run(['yes'], options), { instanceOf: MaxBufferError });
    for (const each of [error!, t.throws<MaxBufferError>(() => runSync(['yes'], options))!]) {
      t.is(each.code, 'ERR_CHILD_PROCESS_STDIO_MAXBUFFER');
      t.is(each.stdout?.length, 100_000);
    }
    t.is(runSync(['head', '-c', '100000', '/dev/zero'], options).stdout.length, 100_000);
  }),
);

test.serial(
  'a program that does not read its input is no error',
  leavesNothing(async (t) => {
    const input = Buffer.alloc(5_000_000);
    t.is((await run('true', { input })).returncode, 0);
    t.is(runSync('true', { input }).returncode, 0);
    t.is(
      (await run(['sh', '-c', 'exec <&-; echo x'], { input, captureOutput: true, text: true })).stdout,
      'x\n',
    );
  }),
);

test.serial(
  'writing to a program that has ended is an error event, and no SIGPIPE',
  leavesNothing(async (t) => {
    const child = new Popen('true', { stdin: PIPE });
    await child.wait();
    const error = await new Promise<NodeJS.ErrnoException>((resolve) => {
      child.stdin!.on('error', resolve);
      child.stdin!.write('x');
    });
    t.is(error.code, 'EPIPE');
    const other = new Popen(['cat'], { stdin: PIPE, stdout: PIPE });
    other.stdin!.end();
    await t.throwsAsync(other.communicate('more'), { code: 'ERR_INVALID_ARG_VALUE' });
    t.deepEqual(await other.communicate(), [Buffer.alloc(0), null]);
  }),
);

test.serial(
  'input without a pipe, or a second time, is refused',
  leavesNothing(async (t) => {
    const child = new Popen('true');
    await t.throwsAsync(child.communicate('x'), { code: 'ERR_INVALID_ARG_VALUE' });
    await child.wait();
    const other = new Popen(['cat'], { stdin: PIPE, stdout: PIPE });
    await other.communicate('x');
    await t.throwsAsync(other.communicate('y'), { code: 'ERR_INVALID_ARG_VALUE' });
    t.throws(() => runSync('cat', { input: process.stdin }), { code: 'ERR_INVALID_ARG_VALUE' });
  }),
);
