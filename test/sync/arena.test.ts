import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, ftruncateSync, openSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import test from 'ava';
import { Event, Lock, Semaphore, Value } from 'prong';
import { openFds } from '../helpers/leaks.js';
import { compiled } from '../helpers/program.js';

const program = compiled('test/fixtures/sync/joins.js');

function start(arena: string, fd: number | 'ignore', argument = '{}'): ChildProcess {
  return spawn(process.execPath, [program, argument], {
    stdio: ['ignore', 'pipe', 'pipe', fd],
    env: { ...process.env, PRONG_ARENA_FD: arena },
  });
}

test('a process that was started anew joins by PRONG_ARENA_FD', async (t) => {
  const lock = new Lock();
  const value = new Value('i', 0);
  const ready = new Semaphore(0);
  const event = new Event();
  const [fd] = [...openFds()].find(([, target]) => target.startsWith('/memfd:prong')) ?? [-1];
  const child = start('3', fd, JSON.stringify({ lock, value, ready, event }));
  for (let n = 0; n < 1_000; n++) await lock.with(() => value.value++);
  t.true(await ready.acquire());
  t.is(value.value, 2_000);
  t.false(lock.tryAcquire());
  const next = lock.acquire();
  child.kill('SIGKILL');
  t.true(await next);
  t.true(lock.ownerDied);
  lock.release();
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
});

test('what names no arena is an error that says so', async (t) => {
  const path = join(tmpdir(), `prong-no-arena-${process.pid}`);
  const file = openSync(path, 'w+');
  try {
    const large = async (size: number) => {
      ftruncateSync(file, size);
      return text(start('3', file).stdout!);
    };
    for (const size of [0, 4096, 64 << 20])
      t.regex(await large(size), /^EINVAL PRONG_ARENA_FD=3 is no arena/);
    t.regex(await text(start('99', 'ignore').stdout!), /^EBADF PRONG_ARENA_FD=99 is no arena/);
    for (const value of ['', 'abc', '-1', '1.5', '1e9', ' 3']) {
      t.regex(
        await text(start(value, file).stdout!),
        /^ERR_INVALID_ARG_VALUE PRONG_ARENA_FD=.* is no arena/,
        value,
      );
    }
  } finally {
    closeSync(file);
    rmSync(path);
  }
});
