import test from 'ava';
import { waitpid, waitpidSync, waitstatusToExitcode } from 'prong/posix';
import { runNode } from '../helpers/program.js';

test('the wait family', async (t) => {
  const { stdout, stderr, code } = await runNode('test/fixtures/posix/wait.js');
  const ended = (exitCode: number | null, signal: string | null, status: number, more = {}) =>
    JSON.stringify({
      pid: 0,
      status,
      exitCode,
      signal,
      coreDumped: false,
      stopped: false,
      continued: false,
      ...more,
    });
  t.is(stderr, '');
  t.is(code, 0);
  t.deepEqual(stdout.trim().split('\n'), [
    `sync true ${ended(7, null, 7 << 8)}`,
    `async true ${ended(8, null, 8 << 8)}`,
    'nothing yet null null',
    `killed ${ended(null, 'SIGKILL', 9)}`,
    `stopped ${ended(null, 'SIGSTOP', (19 << 8) | 0x7f, { stopped: true })}`,
    `continued ${ended(null, null, 0xffff, { continued: true })}`,
    'ended SIGKILL',
    ...Array.from({ length: 3 }, () => ['stranger ECHILD waitpid', 'stranger ECHILD']).flat(),
    'nobody ECHILD',
    'nobody ECHILD',
    'only others ECHILD',
    'any [10,11,12] true',
    'the others [3,4] 5 6',
    'shared 9 9',
    'shared sync 9 9',
    'by number SIGTERM',
    'taken ECHILD',
    'two ["fulfilled","rejected"]',
    'group 20',
    'no group ECHILD',
    'child of a fork 33 null',
    'parent SIGTERM',
    'another SIGTERM',
  ]);
});

test('bad arguments are told before any call', async (t) => {
  for (const pid of ['1', undefined, null, 1n, {}]) {
    t.throws(() => waitpidSync(pid as number), { instanceOf: TypeError, code: 'ERR_INVALID_ARG_TYPE' });
    await t.throwsAsync(waitpid(pid as number), { instanceOf: TypeError, code: 'ERR_INVALID_ARG_TYPE' });
  }
  for (const pid of [1.5, Number.NaN, 2 ** 31, -(2 ** 31)]) {
    t.throws(() => waitpidSync(pid), { instanceOf: RangeError, code: 'ERR_OUT_OF_RANGE' });
    await t.throwsAsync(waitpid(pid), { instanceOf: RangeError, code: 'ERR_OUT_OF_RANGE' });
  }
  t.throws(() => waitpidSync(1, '1' as never), { code: 'ERR_INVALID_ARG_TYPE' });
  for (const options of [4, 16, -1, 0.5, 2 ** 32 + 1]) {
    t.throws(() => waitpidSync(1, options), { instanceOf: RangeError });
    await t.throwsAsync(waitpid(1, options), { instanceOf: RangeError });
  }
});

test('waitstatusToExitcode', (t) => {
  t.is(waitstatusToExitcode(0), 0);
  t.is(waitstatusToExitcode(3 << 8), 3);
  t.is(waitstatusToExitcode(255 << 8), 255);
  t.is(waitstatusToExitcode(9), -9);
  t.is(waitstatusToExitcode(0x80 | 6), -6);
  for (const status of [(19 << 8) | 0x7f, 0xffff, 2 ** 20]) {
    t.throws(() => waitstatusToExitcode(status), { instanceOf: RangeError });
  }
  t.throws(() => waitstatusToExitcode('0' as never), { instanceOf: TypeError });
});
