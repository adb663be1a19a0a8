import test from 'ava';
import * as root from 'prong';
import {
  CalledProcessError,
  CompletedProcess,
  call,
  callSync,
  checkCall,
  checkCallSync,
  checkOutput,
  checkOutputSync,
  getoutput,
  getoutputSync,
  getstatusoutput,
  getstatusoutputSync,
  list2cmdline,
  PIPE,
  run,
  runSync,
  STDOUT,
  SubprocessError,
} from 'prong/subprocess';
import { leavesNothing } from '../helpers/leaks.js';

test('the root re-exports', (t) => {
  t.is(root.run, run);
  t.is(root.runSync, runSync);
  t.is(root.subprocess.Popen, root.Popen);
});

test.serial(
  'run and runSync collect bytes',
  leavesNothing(async (t) => {
    for (const done of [
      await run(['sh', '-c', 'echo out; echo err >&2'], { captureOutput: true }),
      runSync(['sh', '-c', 'echo out; echo err >&2'], { captureOutput: true }),
    ]) {
      t.true(done instanceof CompletedProcess);
      t.is(done.returncode, 0);
      t.deepEqual(done.stdout, Buffer.from('out\n'));
      t.deepEqual(done.stderr, Buffer.from('err\n'));
      t.deepEqual(done.args, ['sh', '-c', 'echo out; echo err >&2']);
    }
  }),
);

test.serial(
  'text mode gives strings with plain line endings',
  leavesNothing(async (t) => {
    const options = { captureOutput: true, text: true } as const;
    t.is((await run(['printf', 'a\\r\\nb\\rc\\n'], options)).stdout, 'a\nb\nc\n');
    t.is(runSync(['printf', 'ä'], { captureOutput: true, encoding: 'latin1' }).stdout, 'Ã¤');
    t.is(runSync(['printf', 'ff'], { captureOutput: true, encoding: 'hex' }).stdout, '6666');
    t.throws(() => runSync(['printf', '\\377'], { captureOutput: true, errors: 'strict' }), {
      code: 'ERR_ENCODING_INVALID_ENCODED_DATA',
    });
  }),
);

test.serial(
  'without captureOutput nothing is collected',
  leavesNothing(async (t) => {
    t.like(await run('true'), { stdout: null, stderr: null });
    t.like(runSync('true'), { stdout: null, stderr: null });
  }),
);

test.serial(
  'return codes: the exit code, or minus the signal',
  leavesNothing(async (t) => {
    t.is((await run(['sh', '-c', 'exit 7'])).returncode, 7);
    t.is(runSync(['sh', '-c', 'exit 255']).returncode, 255);
    t.is((await run(['sh', '-c', 'kill -TERM $$'])).returncode, -15);
    t.is(runSync(['sh', '-c', 'kill -KILL $$']).returncode, -9);
    t.is(await call('true'), 0);
    t.is(callSync(['sh', '-c', 'exit 3']), 3);
  }),
);

test.serial(
  'check throws with the outputs in the message',
  leavesNothing(async (t) => {
    const command = ['sh', '-c', 'echo said; echo complained >&2; exit 4'];
    const options = { captureOutput: true, check: true, text: true } as const;
    const error = await t.throwsAsync<CalledProcessError>(run(command, options));
    for (const each of [error!, t.throws<CalledProcessError>(() => runSync(command, options))!]) {
      t.true(each instanceof CalledProcessError && each instanceof SubprocessError);
      t.is(each.code, 'ECALLEDPROCESS');
      t.is(each.returncode, 4);
      t.deepEqual(each.cmd, command);
      t.is(each.stdout, 'said\n');
      t.is(each.output, 'said\n');
      t.is(each.stderr, 'complained\n');
      t.regex(each.message, /non-zero exit status 4.*complained.*said/s);
    }
    await t.throwsAsync(checkCall('false'), { instanceOf: CalledProcessError });
    t.throws(() => checkCallSync('false'), { instanceOf: CalledProcessError });
    await t.throwsAsync(checkOutput(['sh', '-c', 'kill -9 $$']), { message: /died with SIGKILL/ });
    const long = t.throws<Error>(() => checkOutputSync(['sh', '-c', 'seq 100000; exit 1']));
    t.true(long!.message.length < 3000);
    t.regex(long!.message, /100000$/);
    const done = runSync('false');
    t.throws(() => done.checkReturncode(), { instanceOf: CalledProcessError });
    t.notThrows(() => runSync('true').checkReturncode());
  }),
);

test.serial(
  'checkOutput gives stdout',
  leavesNothing(async (t) => {
    t.deepEqual(await checkOutput(['echo', 'x']), Buffer.from('x\n'));
    t.is(await checkOutput(['cat'], { input: 'in', text: true }), 'in');
    t.is(checkOutputSync(['sh', '-c', 'echo a; echo b >&2'], { stderr: STDOUT, text: true }), 'a\nb\n');
    await t.throwsAsync(checkOutput('true', { stdout: PIPE } as never), { code: 'ERR_INVALID_ARG_VALUE' });
  }),
);

test.serial(
  'shell lines',
  leavesNothing(async (t) => {
    t.is((await run('echo $((6 * 7))', { shell: true, captureOutput: true, text: true })).stdout, '42\n');
    const named = runSync(['echo "$0 $1"', 'zero', 'one'], {
      shell: '/bin/sh',
      captureOutput: true,
      text: true,
    });
    t.is(named.stdout, 'zero one\n');
    t.deepEqual(await getstatusoutput('echo a; echo b >&2; exit 5'), [5, 'a\nb']);
    t.deepEqual(getstatusoutputSync('kill -9 $$'), [-9, '']);
    t.is(await getoutput('printf "x\\n\\n"'), 'x\n');
    t.is(getoutputSync('echo y'), 'y');
  }),
);

test('list2cmdline quotes as the C library of Windows reads', (t) => {
  t.is(list2cmdline(['a b c', 'd', 'e']), '"a b c" d e');
  t.is(list2cmdline(['ab"c', '\\', 'd']), 'ab\\"c \\ d');
  t.is(list2cmdline(['ab"c', ' \\', 'd']), 'ab\\"c " \\\\" d');
  t.is(list2cmdline(['a\\\\\\b', 'de fg', 'h']), 'a\\\\\\b "de fg" h');
  t.is(list2cmdline(['a\\"b', 'c', 'd']), 'a\\\\\\"b c d');
  t.is(list2cmdline(['a\\\\b c', 'd', 'e']), '"a\\\\b c" d e');
  t.is(list2cmdline(['a', '', 'b']), 'a "" b');
});
