import { spawn } from 'node:child_process';
import { Worker } from 'node:worker_threads';
import test from 'ava';
import { DEVNULL, PIPE, Popen, run, runSync, TimeoutExpired } from 'prong/subprocess';
import { children, leavesNothing, openFds } from '../helpers/leaks.js';

const fixture = (name: string) => new URL(`../fixtures/subprocess/${name}.js`, import.meta.url).pathname;
const script = (name: string, ...args: string[]) =>
  runSync([process.execPath, fixture(name), ...args], { captureOutput: true, text: true, timeout: 60_000 });

test.serial(
  'wait, poll and returncode',
  leavesNothing(async (t) => {
    const child = new Popen(['cat'], { stdin: PIPE });
    t.true(child.pid > 0);
    t.deepEqual(child.args, ['cat']);
    t.is(child.returncode, null);
    t.is(child.poll(), null);
    const error = await t.throwsAsync<TimeoutExpired>(child.wait({ timeout: 20 }));
    t.true(error instanceof TimeoutExpired);
    t.throws(() => child.waitSync({ timeout: 20 }), { instanceOf: TimeoutExpired });
    t.throws(() => child.waitSync({ timeout: 0 }), { code: 'ETIMEDOUT' });
    child.stdin!.end();
    t.is(await child.wait(), 0);
    t.is(child.returncode, 0);
    t.is(child.poll(), 0);
    t.is(child.waitSync({ timeout: 0 }), 0);
    t.is(await child.wait({ timeout: 0 }), 0);
    t.is(new Popen(['sh', '-c', 'exit 3']).waitSync(), 3);
  }),
);

test.serial(
  'signals by name, by number, and to a program that has ended',
  leavesNothing(async (t) => {
    const child = new Popen(['sleep', '100']);
    t.throws(() => child.sendSignal('SIGNOPE' as never), { code: 'ERR_UNKNOWN_SIGNAL' });
    t.throws(() => child.sendSignal(1000), { code: 'ERR_UNKNOWN_SIGNAL' });
    child.sendSignal(0);
    child.sendSignal('SIGINT');
    t.is(await child.wait(), -2);
    child.kill();
    child.terminate();
    child.killTree();
    const other = new Popen(['sleep', '100']);
    other.terminate();
    t.is(other.waitSync(), -15);
    const last = new Popen(['sleep', '100']);
    last.sendSignal(40);
    t.is(await last.wait(), -40);
  }),
);

test.serial(
  'no zombie stays when nobody waits, and child_process keeps its own',
  leavesNothing(async (t) => {
    const nodes = spawn('true', { stdio: 'ignore' });
    const status = new Promise((resolve) => nodes.once('exit', resolve));
    for (let i = 0; i < 20; i += 1) new Popen('true', { stdout: DEVNULL });
    t.is(await status, 0);
    while (children().size > 0) await new Promise(setImmediate);
    t.pass();
  }),
);

test.serial(
  'many at once',
  leavesNothing(async (t) => {
    const codes = await Promise.all(
      Array.from({ length: 500 }, (_, i) =>
        run(['sh', '-c', `read x; exit $x`], { input: `${i % 100}\n`, captureOutput: true }),
      ),
    );
    t.deepEqual(
      codes.map(({ returncode }) => returncode),
      Array.from({ length: 500 }, (_, i) => i % 100),
    );
  }),
);

test.serial('what nobody refers to any more gives its descriptors back', (t) => {
  const done = runSync([process.execPath, '--expose-gc', fixture('abandoned')], {
    captureOutput: true,
    text: true,
  });
  t.is(done.stderr, '');
  t.is(done.stdout, 'left: 0\n');
});

test.serial('a running program keeps the process alive, unless unref says not', (t) => {
  t.is(script('ref').stdout, 'code 0\n');
  const done = script('ref', 'unref');
  t.is(done.stdout, '');
  t.is(done.returncode, 0);
});

test.serial('the limit on processes is a clear EAGAIN, and goes away again', (t) => {
  const done = script('limit');
  t.is(done.stderr, '');
  t.regex(done.stdout, /^EAGAIN clone true\nafter 0\nEMFILE \w+ false\nafter 0\n$/);
});

test.serial('closed standard descriptors', (t) => {
  const done = runSync([process.execPath, fixture('closed')], {
    captureOutput: true,
    text: true,
    stdin: DEVNULL,
  });
  t.is(done.stderr, '');
  t.is(done.returncode, 0);
});

test.serial(
  'as in the with of Python',
  leavesNothing(async (t) => {
    let child: Popen;
    {
      await using held = new Popen(['cat'], { stdin: PIPE, stdout: PIPE });
      child = held;
    }
    t.is(child.returncode, 0);
    {
      using held = new Popen(['yes'], { stdout: PIPE });
      child = held;
    }
    t.is(child.returncode, -13);
  }),
);

test.serial('in a Worker, with its own environment variables', async (t) => {
  const before = openFds().size;
  const worker = new Worker(fixture('worker'));
  const exited = new Promise((resolve) => worker.once('exit', resolve));
  const said = await new Promise((resolve) => worker.once('message', resolve));
  t.deepEqual(said, ['from the worker\n', 'from the worker\n', 0]);
  t.is(await exited, 0);
  t.true(openFds().size <= before);
});

test.serial('a Worker that is terminated with programs running', async (t) => {
  const worker = new Worker(fixture('worker-terminated'));
  const pid = await new Promise<number>((resolve) => worker.once('message', resolve));
  await worker.terminate();
  process.kill(pid, 'SIGKILL');
  t.pass();
});
