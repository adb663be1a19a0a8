import test from 'ava';
import { _exit, getpgid, getpid, getppid, getsid, kill, killpg, setpdeathsig, setpgid } from 'prong/posix';
import { runNode } from '../helpers/program.js';

test('sessions, groups, signals and the end', async (t) => {
  const { stdout, stderr, code } = await runNode('test/fixtures/posix/identity.js');
  t.is(stderr, '');
  t.deepEqual(stdout.trim().split('\n'), [
    'session 41',
    'group true true true',
    'killed SIGUSR2',
    'ESRCH ESRCH ESRCH ESRCH ESRCH',
    'signal SIGKILL',
    'signal SIGRTMIN+2',
    'signal SIGSEGV',
    'death signal 0',
    'exit listener',
  ]);
  t.is(code, 0);
});

test('who we are', (t) => {
  t.is(getpid(), process.pid);
  t.is(getppid(), process.ppid);
  t.is(getpgid(0), getpgid(process.pid));
});

test('bad arguments', (t) => {
  for (const call of [
    getpgid,
    getsid,
    (pid: number) => setpgid(pid, 0),
    (pid: number) => setpgid(0, pid),
    (pid: number) => killpg(pid, 0),
  ]) {
    t.throws(() => call('1' as never), { instanceOf: TypeError, code: 'ERR_INVALID_ARG_TYPE' });
    t.throws(() => call(-1), { instanceOf: RangeError, code: 'ERR_OUT_OF_RANGE' });
    t.throws(() => call(1.5), { instanceOf: RangeError });
  }
  t.throws(() => kill(Number.NaN, 0), { instanceOf: RangeError });
  t.throws(() => kill(undefined as never, 0), { instanceOf: TypeError });
  for (const call of [
    (signal: never) => kill(process.pid, signal),
    (signal: never) => killpg(0, signal),
    (signal: never) => setpdeathsig(signal),
  ]) {
    t.throws(() => call('SIGNOTHING' as never), { instanceOf: TypeError, code: 'ERR_UNKNOWN_SIGNAL' });
    t.throws(() => call('toString' as never), { code: 'ERR_UNKNOWN_SIGNAL' });
    t.throws(() => call(65 as never), { instanceOf: RangeError });
    t.throws(() => call(-1 as never), { instanceOf: RangeError });
    t.throws(() => call(undefined as never), { instanceOf: TypeError });
  }
  for (const code of ['0', undefined, null]) t.throws(() => _exit(code as never), { instanceOf: TypeError });
  for (const code of [-1, 256, 0.5]) t.throws(() => _exit(code), { instanceOf: RangeError });
});
