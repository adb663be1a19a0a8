import { spawn } from 'node:child_process';
import test from 'ava';
import { DEVNULL, PIPE, Popen, runSync } from 'prong/subprocess';
import { children, isRunning, leavesNothing } from '../helpers/leaks.js';

/** Starts a shell's line and reads the numbers that it prints. */
async function start(line: string, count: number, options: object = {}): Promise<[Popen, number[]]> {
  const child = new Popen(['sh', '-c', line], { stdout: PIPE, ...options });
  const pids: number[] = [];
  for await (const text of child.stdout!.lines()) {
    pids.push(Number(text));
    if (pids.length === count) break;
  }
  return [child, pids];
}

test.serial(
  'everything below the program is gone when killTree returns',
  leavesNothing(async (t) => {
    const line =
      'sleep 100 & echo $!; sh -c "sleep 100 & echo \\$!; wait" & setsid sleep 100 & echo $!; wait';
    const [child, pids] = await start(line, 3);
    child.killTree();
    t.deepEqual(pids.filter(isRunning), []);
    t.is(await child.wait(), -9);
    child.killTree();
  }),
);

test.serial(
  'one that forks as fast as it can',
  leavesNothing(async (t) => {
    const bomb =
      'echo $$; f() { while :; do sh -c "sleep 60.25 & sleep 60.25 & exit" >/dev/null & sleep 0.002; done; }; f';
    for (let round = 0; round < 3; round += 1) {
      const [child, [pid]] = await start(bomb, 1, { trackOrphans: true });
      t.is(pid, child.pid);
      await new Promise((resolve) => setTimeout(resolve, 50));
      child.killTree();
      t.is(await child.wait(), -9);
      t.is(runSync(['pgrep', '-f', 'sleep 60.25'], { stdout: DEVNULL }).returncode, 1, 'none is left');
    }
  }),
);

test.serial(
  'orphans: of a session, of a pipe, and tracked ones',
  leavesNothing(async (t) => {
    const orphan = '(sleep 100 >/dev/null 2>&1 & echo $!)';
    const [inSession, [first]] = await start(`${orphan}; sleep 100`, 1, { startNewSession: true });
    inSession.killTree();
    t.false(isRunning(first!));
    await inSession.wait();

    const withPipe = new Popen(['sh', '-c', '(sleep 100 & echo $! >&2)'], {
      stdout: PIPE,
      stderr: PIPE,
      text: true,
    });
    const second = Number((await withPipe.stderr!.lines().next()).value);
    t.is(await withPipe.wait(), 0);
    t.true(isRunning(second));
    withPipe.killTree();
    t.false(isRunning(second));
    withPipe.stdout!.destroy();

    const [tracked, [third]] = await start(`${orphan}; sleep 100`, 1, { trackOrphans: true });
    tracked.killTree();
    t.false(isRunning(third!));
    await tracked.wait();
  }),
);

test.serial(
  'others are spared: other children, and the readers of its output',
  leavesNothing(async (t) => {
    const other = spawn('sleep', ['100'], { stdio: 'ignore' });
    const writer = new Popen(['sh', '-c', 'echo y; sleep 100'], { stdout: PIPE });
    const reader = new Popen(['sh', '-c', 'read x; echo $x; read x; echo end'], {
      stdin: writer.stdout,
      stdout: PIPE,
    });
    const lines: string[] = [];
    for await (const line of reader.stdout!.lines()) {
      lines.push(line);
      if (line === 'y') writer.killTree();
    }
    t.deepEqual(lines, ['y', 'end']);
    t.is(await reader.wait(), 0);
    t.is(await writer.wait(), -9);
    t.true(isRunning(other.pid!));
    const ended = new Promise((resolve) => other.once('exit', resolve));
    other.kill();
    await ended;
  }),
);

test.serial(
  'another signal reaches all, stopped or not',
  leavesNothing(async (t) => {
    const trap = 'trap "echo bye; exit 0" TERM; echo $$; while :; do sleep 0.05; done';
    const child = new Popen(['sh', '-c', `sh -c '${trap}' & ${trap}`], { stdout: PIPE, text: true });
    const lines = child.stdout!.lines();
    await lines.next();
    await lines.next();
    child.killTree('SIGTERM');
    const rest: string[] = [];
    for await (const line of lines) rest.push(line);
    t.deepEqual(rest, ['bye', 'bye']);
    t.is(await child.wait(), 0);
  }),
);

test.serial(
  'orphans of other programs that come to us meanwhile are reaped',
  leavesNothing(async (t) => {
    // They become orphans all the time, also while trees are killed here.
    const maker = new Popen(['sh', '-c', 'while :; do (sleep 0.1 >/dev/null &); sleep 0.005; done'], {
      stdout: DEVNULL,
    });
    for (let round = 0; round < 10; round += 1) {
      const victim = new Popen(['sh', '-c', 'sleep 100 & wait']);
      victim.killTree();
      t.is(await victim.wait(), -9);
    }
    maker.killTree();
    await maker.wait();
    for (let wait = 0; wait < 100 && children().size > 0; wait += 1)
      await new Promise((resolve) => setTimeout(resolve, 20));
  }),
);
