import { createHash, randomBytes } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { PassThrough } from 'node:stream';
import test from 'ava';
import { checkOutput, PIPE, Popen, run, runSync, TimeoutExpired } from 'prong/subprocess';
import { isRunning, leavesNothing } from '../helpers/leaks.js';

const MEGABYTES = randomBytes(10_000_000);
// Repeats its input on stdout and on stderr, turn by turn.
const BOTH = ['sh', '-c', 'tee /dev/stderr'];
const hash = (bytes: Buffer | string | null) => createHash('sha1').update(bytes!).digest('hex');

test.serial(
  'any amount on all three pipes, without a deadlock',
  leavesNothing(async (t) => {
    const expected = hash(MEGABYTES);
    const options = { input: MEGABYTES, captureOutput: true };
    for (const { stdout, stderr } of [await run(BOTH, options), runSync(BOTH, options)]) {
      t.is(hash(stdout), expected);
      t.is(hash(stderr), expected);
    }
    const child = new Popen(BOTH, { stdin: PIPE, stdout: PIPE, stderr: PIPE });
    t.deepEqual((await child.communicate(MEGABYTES)).map(hash), [expected, expected]);
    const other = new Popen(BOTH, { stdin: PIPE, stdout: PIPE, stderr: PIPE });
    t.deepEqual(other.communicateSync(MEGABYTES).map(hash), [expected, expected]);
    t.is(other.returncode, 0);
  }),
);

test.serial(
  'output before input: the program writes first',
  leavesNothing((t) => {
    const { stdout } = runSync(['sh', '-c', 'head -c 1000000 /dev/zero; cat'], {
      input: MEGABYTES,
      captureOutput: true,
    });
    t.is(stdout.length, 1_000_000 + MEGABYTES.length);
  }),
);

test.serial(
  'input of every kind',
  leavesNothing(async (t) => {
    const all = { captureOutput: true, text: true } as const;
    const bytes = new Uint8Array([104, 105]);
    const dataView = new DataView(bytes.buffer);
    for (const input of [
      'hi',
      Buffer.from('hi'),
      bytes,
      bytes.buffer,
      dataView,
      ['h', 'i'],
      new Set(['h', Buffer.from('i')]),
    ]) {
      t.is((await run('cat', { ...all, input })).stdout, 'hi');
      t.is(runSync('cat', { ...all, input }).stdout, 'hi');
    }
    async function* slowly() {
      yield 'h';
      await new Promise(setImmediate);
      yield '';
      yield Buffer.from('i');
    }
    t.is((await run('cat', { ...all, input: slowly() })).stdout, 'hi');
    const through = new PassThrough();
    const ran = run('cat', { ...all, input: through });
    through.write('h');
    through.end('i');
    t.is((await ran).stdout, 'hi');
    t.regex((await run('cat', { ...all, input: createReadStream('/etc/passwd') })).stdout, /^root:/);
    t.is((await run('cat', { ...all, input: '' })).stdout, '');
    t.is(runSync('cat', { ...all, input: [] }).stdout, '');
    t.is((await run('cat', { ...all, input: 'ÿ', encoding: 'latin1' })).stdout, 'ÿ');
  }),
);

test.serial(
  'endless input ends with the program',
  leavesNothing(async (t) => {
    function* endless() {
      for (;;) yield 'y\n';
    }
    async function* endlessly() {
      yield* endless();
    }
    const head = ['head', '-n', '2'];
    const options = { captureOutput: true, text: true } as const;
    t.is((await run(head, { ...options, input: endlessly() })).stdout, 'y\ny\n');
    t.is((await run(head, { ...options, input: endless() })).stdout, 'y\ny\n');
    t.is(runSync(head, { ...options, input: endless() }).stdout, 'y\ny\n');
    const silent = new PassThrough();
    t.is((await run('true', { input: silent })).returncode, 0);
    t.true(silent.destroyed);
  }),
);

test.serial(
  'an iterator that throws ends the program',
  leavesNothing(async (t) => {
    async function* broken() {
      yield 'x';
      throw new RangeError('broken');
    }
    await t.throwsAsync(run('cat', { input: broken(), captureOutput: true }), { message: 'broken' });
    await t.throwsAsync(run('cat', { input: [5] as never }), { code: 'ERR_INVALID_ARG_TYPE' });
    t.throws(() => runSync('cat', { input: [5] as never }), { code: 'ERR_INVALID_ARG_TYPE' });
  }),
);

test.serial(
  'input whose memory is taken away is an error',
  leavesNothing(async (t) => {
    const input = new Uint8Array(5_000_000);
    const ran = run(['sh', '-c', 'sleep 0.1; cat >/dev/null'], { input });
    await new Promise(setImmediate);
    structuredClone(input, { transfer: [input.buffer] });
    await t.throwsAsync(ran, { code: 'ERR_INVALID_STATE' });
  }),
);

test.serial(
  'a timeout of run kills everything and carries what was printed',
  leavesNothing(async (t) => {
    // A child, one in a session of its own, and orphans with and without our pipe.
    const line =
      'echo $$; sleep 100 & echo $!; setsid sleep 100 & echo $!; (sleep 100 & echo $!); (sleep 100 >/dev/null 2>&1 & echo $!); sleep 100';
    const check = (error: TimeoutExpired) => {
      t.true(error instanceof TimeoutExpired);
      t.is(error.code, 'ETIMEDOUT');
      t.is(error.timeout, 500);
      const pids = (error.stdout as string).trim().split('\n').map(Number);
      t.is(pids.length, 5);
      t.deepEqual(pids.filter(isRunning), []);
    };
    const options = { shell: true, timeout: 500, text: true, captureOutput: true } as const;
    check((await t.throwsAsync<TimeoutExpired>(run(line, options)))!);
    check(t.throws<TimeoutExpired>(() => runSync(line, options))!);
  }),
);

test.serial(
  'a timeout holds for pipes that an orphan keeps open',
  leavesNothing(async (t) => {
    const options = { shell: true, timeout: 300, text: true, stdout: PIPE } as const;
    const check = (error: TimeoutExpired) => {
      t.false(isRunning(Number(error.stdout)));
    };
    check((await t.throwsAsync<TimeoutExpired>(run('sleep 100 & echo $!', options)))!);
    check(t.throws<TimeoutExpired>(() => runSync('sleep 100 & echo $!', options))!);
  }),
);

test.serial(
  'a timeout of communicate loses nothing',
  leavesNothing(async (t) => {
    const command = ['sh', '-c', 'echo one; read line; echo $line'];
    const child = new Popen(command, { stdin: PIPE, stdout: PIPE, text: true });
    const stdin = child.stdin!;
    const error = await t.throwsAsync<TimeoutExpired>(
      (async () => {
        // The stream of stdin stays open until communicate ends it: give it nothing to do with stdin yet.
        for await (const line of child.stdout!.lines()) {
          t.is(line, 'one');
          break;
        }
        return child.wait({ timeout: 50 });
      })(),
    );
    t.is(error!.code, 'ETIMEDOUT');
    stdin.end('two\n');
    await child.wait();
    child[Symbol.dispose]();

    const slow = new Popen(['sh', '-c', 'echo one; sleep 0.3; echo two'], { stdout: PIPE, text: true });
    const first = await t.throwsAsync<TimeoutExpired>(slow.communicate(undefined, { timeout: 100 }));
    t.is(first!.stdout, 'one\n');
    t.is(first!.stderr, null);
    t.deepEqual(await slow.communicate(), ['one\ntwo\n', null]);
    t.deepEqual(await slow.communicate(), ['one\ntwo\n', null]);

    const sync = new Popen(['sh', '-c', 'echo one; sleep 0.3; echo two'], { stdout: PIPE, text: true });
    t.is(t.throws<TimeoutExpired>(() => sync.communicateSync(undefined, { timeout: 100 }))!.stdout, 'one\n');
    t.throws(() => sync.communicateSync(undefined, { timeout: 0 }), { code: 'ETIMEDOUT' });
    t.deepEqual(sync.communicateSync(), ['one\ntwo\n', null]);
  }),
);

test.serial(
  'communicate takes over from the streams',
  leavesNothing(async (t) => {
    const child = new Popen(['cat'], { stdin: PIPE, stdout: PIPE, text: true });
    child.stdin!.write('one\n');
    t.deepEqual(await child.communicate('two\n'), ['one\ntwo\n', null]);

    const big = new Popen(['cat'], { stdin: PIPE, stdout: PIPE });
    big.stdin!.write(MEGABYTES);
    const [stdout] = await big.communicate('!');
    t.is(stdout!.length, MEGABYTES.length + 1);
  }),
);

test.serial(
  'the option input is written without communicate too',
  leavesNothing(async (t) => {
    const child = new Popen(['cat'], { input: MEGABYTES, stdout: PIPE });
    t.is(child.stdin, null);
    let size = 0;
    for await (const chunk of child.stdout!) size += chunk.length;
    t.is(size, MEGABYTES.length);
    t.is(await child.wait(), 0);
    t.deepEqual(await new Popen(['cat'], { input: ['a', 'b'], stdout: PIPE, text: true }).communicate(), [
      'ab',
      null,
    ]);
    t.deepEqual(new Popen(['cat'], { input: 'x', stdout: PIPE, text: true }).communicateSync(), ['x', null]);
    t.is(new Popen(['sh', '-c', 'read x; test $x = 5'], { input: '5\n' }).waitSync(), 0);
  }),
);

test.serial(
  'an abort kills everything',
  leavesNothing(async (t) => {
    const controller = new AbortController();
    const child = new Popen(['sh', '-c', 'sleep 100 & echo $!; wait'], {
      stdout: PIPE,
      signal: controller.signal,
    });
    let grandchild = 0;
    for await (const line of child.stdout!.lines()) {
      grandchild = Number(line);
      break;
    }
    const waiting = child.wait();
    controller.abort(new Error('why'));
    const error = await t.throwsAsync<Error>(waiting, { name: 'AbortError', code: 'ABORT_ERR' });
    t.is((error!.cause as Error).message, 'why');
    t.is(child.returncode, -9);
    t.false(isRunning(grandchild));
    await t.throwsAsync(run('true', { signal: controller.signal }), { code: 'ABORT_ERR' });
    t.throws(() => runSync('true', { signal: controller.signal }), { code: 'ABORT_ERR' });
    await t.throwsAsync(run(['sleep', '100'], { signal: AbortSignal.timeout(50) }), { name: 'AbortError' });
    await t.throwsAsync(checkOutput(['sleep', '100'], { signal: AbortSignal.timeout(50) }), {
      name: 'AbortError',
    });
  }),
);
