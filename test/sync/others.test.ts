import { setTimeout as delay } from 'node:timers/promises';
import test from 'ava';
import { Barrier, BoundedSemaphore, Condition, Event, Lock, Semaphore, SharedArray, Value } from 'prong';
import { thread, threads } from '../helpers/threads.js';

test('Event wakes all who wait', async (t) => {
  const event = new Event();
  const ready = new Semaphore(0);
  const value = new Value('i', 0);
  const running = ['waitForEvent', 'awaitEvent', 'waitForEvent'].map((part) =>
    thread(part, { event, ready, value }),
  );
  for (const _ of running) await ready.acquire();
  t.false(event.waitSync({ timeout: 5 }));
  t.false(await event.wait({ timeout: 5 }));
  t.false(event.isSet());
  event.set();
  await Promise.all(running.map((each) => each.ended));
  t.is(value.value, 3);
  t.true(event.isSet());
  t.true(await event.wait());
  event.clear();
  t.false(event.isSet());
  const pulse = event.wait();
  event.set();
  event.clear();
  t.true(await pulse);
});

test('Semaphore lets in as many as it has places', async (t) => {
  const semaphore = new Semaphore(2);
  const value = new Value('i', 0);
  const array = new SharedArray('i', 1);
  await threads(['useSemaphore', 'useSemaphoreAsync', 'useSemaphore'], { semaphore, value, array });
  t.is(array[0], 0);
  t.is(semaphore.value, 2);
  t.true(await semaphore.acquire());
  t.true(semaphore.acquireSync());
  t.false(semaphore.tryAcquire());
  t.false(semaphore.acquireSync({ timeout: 5 }));
  t.false(await semaphore.acquire({ timeout: 5 }));
  const waiting = [semaphore.acquire(), semaphore.acquire(), semaphore.acquire()];
  semaphore.release(3);
  t.deepEqual(await Promise.all(waiting), [true, true, true]);
  t.is(semaphore.value, 0);
});

test('BoundedSemaphore refuses to be released too often', (t) => {
  const semaphore = new BoundedSemaphore(1);
  t.throws(() => semaphore.release(), { instanceOf: RangeError });
  semaphore.acquireSync();
  t.throws(() => semaphore.release(2), { instanceOf: RangeError });
  t.is(semaphore.value, 0);
  semaphore.release();
  t.is(semaphore.value, 1);
  t.throws(() => new Semaphore(-1), { code: 'ERR_OUT_OF_RANGE' });
  t.throws(() => semaphore.release(0), { code: 'ERR_OUT_OF_RANGE' });
});

test('Condition notifies as many as asked, and passes the lock on', async (t) => {
  for (const lock of [new Lock(), undefined]) {
    const condition = new Condition(lock);
    const ready = new Semaphore(0);
    const value = new Value('i', 0);
    const array = new SharedArray('i', 4);
    const parts = ['consume', 'consumeAsync', 'consume', 'consumeAsync'];
    const running = parts.map((part, index) => thread(part, { condition, ready, value, array, index }));
    for (const _ of running) await ready.acquire();
    for (let n = 0; n < 3; n++) {
      await condition.with(() => {
        value.value++;
        condition.notify();
      });
    }
    await condition.with(() => {
      value.value++;
      condition.notifyAll();
    });
    await Promise.all(running.map((each) => each.ended));
    t.is(value.value, 0);
    t.deepEqual([...array], [1, 1, 1, 1]);
  }
});

test('Condition: time runs out, and an abandoned wait takes no notification', async (t) => {
  const condition = new Condition();
  await condition.with(async () => {
    t.false(await condition.wait({ timeout: 5 }));
    t.false(await condition.waitFor(() => false, { timeout: 5 }));
  });
  condition.withSync(() => {
    t.false(condition.waitSync({ timeout: 5 }));
    t.false(condition.waitForSync(() => false, { timeout: 5 }));
  });
  const waiting = condition.with(() => condition.wait());
  await delay(5);
  condition.withSync(() => condition.notify());
  t.true(await waiting);
  t.throws(() => condition.notify(), { name: 'ThreadError' });
  t.throws(() => condition.waitSync(), { name: 'ThreadError' });
  await t.throwsAsync(condition.wait(), { name: 'ThreadError' });
});

test('Barrier: all parties meet, each with its own number', async (t) => {
  const barrier = new Barrier(4);
  const array = new SharedArray('i', 4);
  await threads(['meet', 'meetAsync', 'meet', 'meetAsync'], { barrier, array });
  t.deepEqual([...array], [200, 200, 200, 200]);
  t.is(barrier.nWaiting, 0);
});

test('Barrier: the action runs once, before anybody goes on', async (t) => {
  let runs = 0;
  const barrier = new Barrier(3, { action: () => runs++ });
  const after = async () => {
    const number = await barrier.wait();
    t.is(runs, 1);
    return number;
  };
  t.deepEqual((await Promise.all([after(), after(), after()])).sort(), [0, 1, 2]);
  const failing = new Barrier(2, {
    action: () => {
      throw new Error('no');
    },
  });
  const results = await Promise.allSettled([failing.wait(), failing.wait()]);
  t.deepEqual(results.map((result) => (result.status === 'rejected' ? result.reason.message : '')).sort(), [
    'no',
    'the barrier is broken',
  ]);
  t.true(failing.broken);
});

test('Barrier: broken by time, abort and reset', async (t) => {
  const barrier = new Barrier(2);
  await t.throwsAsync(barrier.wait({ timeout: 5 }), { name: 'BrokenBarrierError' });
  t.true(barrier.broken);
  t.throws(() => barrier.waitSync(), { name: 'BrokenBarrierError' });
  barrier.reset();
  t.false(barrier.broken);
  const ready = new Semaphore(0);
  const value = new Value('i', 0);
  const waiting = thread('waitAtBarrier', { barrier, ready, value });
  await ready.acquire();
  while (barrier.nWaiting === 0) await delay(1);
  barrier.reset();
  await waiting.ended;
  t.is(value.value, 1);
  const again = barrier.wait();
  barrier.abort();
  await t.throwsAsync(again, { code: 'ERR_BROKEN_BARRIER' });
  t.throws(() => new Barrier(0), { instanceOf: RangeError });
  t.throws(() => new Barrier(2, { timeout: Number.NaN }), { instanceOf: RangeError });
});

test('Barrier: a party that dies is not counted', async (t) => {
  const barrier = new Barrier(2);
  const ready = new Semaphore(0);
  const value = new Value('i', 0);
  const waiting = thread('waitAtBarrier', { barrier, ready, value });
  await ready.acquire();
  while (barrier.nWaiting === 0) await delay(1);
  await waiting.worker.terminate();
  t.is(barrier.nWaiting, 0);
  t.deepEqual((await Promise.all([barrier.wait(), barrier.wait()])).sort(), [0, 1]);
});

test('after destroy() waits end and calls throw', async (t) => {
  for (const thing of [new Event(), new Barrier(2), new Semaphore(0)]) {
    const waiting: Promise<unknown> = thing instanceof Semaphore ? thing.acquire() : thing.wait();
    thing.destroy();
    await t.throwsAsync(waiting);
    t.throws(() => (thing instanceof Semaphore ? thing.acquireSync() : thing.waitSync()), {
      code: 'ERR_DESTROYED',
    });
  }
});
