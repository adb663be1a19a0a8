import { readdirSync } from 'node:fs';
import test from 'ava';
import { Event, Value } from 'prong';
import {
  activeCount,
  currentThread,
  enumerate,
  getIdent,
  getNativeId,
  mainThread,
  Thread,
  ThreadError,
} from 'prong/threading';
import { inThread } from '../helpers/in-thread.js';

const native = process.env.PRONG_NATIVE !== '0';

test('the main thread', (t) => {
  t.is(currentThread().name, 'MainThread');
  t.is(mainThread(), currentThread());
  t.is(currentThread().ident, getIdent());
  t.is(getNativeId(), process.pid);
  t.is(currentThread().nativeId, process.pid);
  t.true(currentThread().isAlive());
  t.false(currentThread().daemon);
});

test('names', async (t) => {
  function loop() {}
  t.regex(new Thread({ target: loop }).name, /^Thread-\d+ \(loop\)$/);
  t.regex(new Thread().name, /^Thread-\d+$/);
  const named = new Thread({ target: () => currentThread().name, name: '名字' });
  t.is(named.name, '名字');
  named.start();
  t.is(await named.result, '名字');
  const renamed = new Thread({
    target: () => {
      currentThread().name = 'inside';
    },
  });
  renamed.name = 'outside';
  t.is(renamed.name, 'outside');
  const gate = new Event();
  const seen = new Thread({ target: () => gate.waitSync(), name: 'before' });
  await seen.start();
  seen.name = 'after';
  t.true(enumerate().some(({ name }) => name === 'after'));
  gate.set();
  await seen.join();
  t.is(seen.name, 'after');
});

test('a life: idents, native id, isAlive, enumerate', async (t) => {
  const gate = new Event();
  const thread = new Thread({ target: () => gate.waitSync() });
  t.is(thread.ident, undefined);
  t.is(thread.nativeId, undefined);
  t.false(thread.isAlive());
  await thread.start();
  t.true(thread.isAlive());
  t.true(typeof thread.ident === 'number' && thread.ident !== getIdent());
  if (process.platform === 'linux') t.true(readdirSync('/proc/self/task').includes(String(thread.nativeId)));
  t.true(enumerate().includes(thread));
  t.true(activeCount() >= 2);
  const others = await inThread(() => enumerate().map(({ name }) => name));
  t.true(others.includes('MainThread') && others.includes(thread.name));
  await thread.join({ timeout: 5 });
  t.true(thread.isAlive());
  thread.joinSync({ timeout: 5 });
  t.true(thread.isAlive());
  gate.set();
  await thread.join();
  t.false(thread.isAlive());
  t.false(enumerate().includes(thread));
  t.is(await thread.join(), undefined);
  t.is(thread.joinSync(), undefined);
});

test('args and kwargs', async (t) => {
  const counter = new Value('i', 0);
  const thread = new Thread({
    target: (n: number, value: Value, { twice }: { twice: boolean }) => value.add(twice ? 2 * n : n),
    args: [4, counter],
    kwargs: { twice: true },
  });
  thread.start();
  await thread.join();
  t.is(counter.value, 8);
});

test('misuse', async (t) => {
  for (const options of [{ target: 1 }, { args: 1 }, { kwargs: 1 }, { name: 1 }, { daemon: 1 }, 1, null]) {
    t.throws(() => new Thread(options as never), { code: 'ERR_INVALID_ARG_TYPE', instanceOf: TypeError });
  }
  const thread = new Thread({ target: () => currentThread().join() });
  await t.throwsAsync(thread.join(), { instanceOf: ThreadError, code: 'ERR_THREAD_NOT_STARTED' });
  t.throws(() => thread.joinSync(), { instanceOf: ThreadError, code: 'ERR_THREAD_NOT_STARTED' });
  await t.throwsAsync(thread.result, { code: 'ERR_THREAD_NOT_STARTED' });
  await t.throwsAsync(currentThread().join(), { instanceOf: ThreadError, code: 'ERR_THREAD_JOIN_SELF' });
  await thread.start();
  await t.throwsAsync(thread.start(), { instanceOf: ThreadError, code: 'ERR_THREAD_STARTED' });
  t.throws(() => {
    thread.daemon = true;
  });
  for (const timeout of [Number.NaN, -1]) {
    await t.throwsAsync(thread.join({ timeout }), { code: 'ERR_OUT_OF_RANGE' });
    t.throws(() => thread.joinSync({ timeout }), { code: 'ERR_OUT_OF_RANGE' });
  }
  await thread.join();
  await t.throwsAsync(thread.result, { code: 'ERR_THREAD_JOIN_SELF' });
});

test('a subclass: fields there and back, name, super.run', async (t) => {
  class Doubler extends Thread {
    doubled?: number;
    nameInside?: string;
    constructor(readonly n: number) {
      super({ name: `Doubler-${n}` });
    }
    helper() {
      return this.n * 2;
    }
    override run() {
      this.doubled = this.helper();
      this.nameInside = this.name;
      return super.run();
    }
  }
  const threads = [1, 2, 3].map((n) => new Doubler(n));
  for (const thread of threads) thread.start();
  for (const thread of threads) thread.joinSync();
  t.deepEqual(
    threads.map(({ doubled, nameInside }) => [doubled, nameInside]),
    [
      [2, 'Doubler-1'],
      [4, 'Doubler-2'],
      [6, 'Doubler-3'],
    ],
  );
});

test('threads of threads, and a thread seen from another', async (t) => {
  const outer = new Thread({ target: () => outer.name + currentThread().name });
  outer.start();
  t.is(await outer.result, outer.name + outer.name);
  const nested = await inThread(async () => {
    const inner = new Thread({ target: () => currentThread().ident });
    inner.start();
    await inner.join();
    return [await inner.result, inner.ident, currentThread().ident];
  });
  t.is(nested[0], nested[1]);
  t.not(nested[0], nested[2]);
  const gate = new Event();
  const waiter = new Thread({ target: () => gate.waitSync() });
  await waiter.start();
  const joined = new Thread({
    target: () => {
      gate.set();
      waiter.joinSync();
      return waiter.isAlive();
    },
  });
  joined.start();
  t.false(await joined.result);
  await waiter.join();
});

test('every way to end is told, and join returns', async (t) => {
  const left = new Thread({ target: () => process.exit(3) });
  left.start();
  await left.join();
  await t.throwsAsync(left.result, { code: 'ERR_THREAD_EXITED', message: /exit code 3/ });
  const quiet = new Thread({ target: () => process.exit(0) });
  quiet.start();
  quiet.joinSync();
  t.is(await quiet.result, undefined);
  t.is(quiet.error, undefined);
  const stuck = new Thread({ target: () => new Promise(() => {}) });
  stuck.start();
  stuck.joinSync();
  await t.throwsAsync(stuck.result, { code: 'ERR_THREAD_UNSETTLED' });
});

test('what a thread uses of the process is the process’s', async (t) => {
  process.env.PRONG_TEST_SHARED = 'seen';
  t.is(await inThread(() => process.env.PRONG_TEST_SHARED), 'seen');
  t.is(await inThread(() => process.pid), process.pid);
  t.is(await inThread(() => getNativeId() !== process.pid), true);
  t.true(native || getNativeId() === process.pid);
});
