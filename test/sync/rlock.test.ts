import { setTimeout as delay } from 'node:timers/promises';
import test from 'ava';
import { Event, RLock, Semaphore, Value } from 'prong';
import { thread, threads } from '../helpers/threads.js';

test('its owner may acquire it again, and must release as often', (t) => {
  const lock = new RLock();
  t.true(lock.acquireSync());
  t.true(lock.acquireSync());
  t.true(lock.tryAcquire());
  lock.release();
  lock.release();
  t.true(lock.locked());
  lock.release();
  t.false(lock.locked());
  t.throws(() => lock.release(), { code: 'ERR_NOT_HELD' });
});

test('threads exclude each other', async (t) => {
  const rlock = new RLock();
  const value = new Value('i', 0);
  await threads(['countNested', 'countNested', 'countNested'], { rlock, value });
  t.is(value.value, 15_000);
});

test('nobody else releases it', async (t) => {
  const rlock = new RLock();
  const event = new Event();
  const ready = new Semaphore(0);
  const holder = thread('holdNested', { rlock, event, ready });
  await ready.acquire();
  t.throws(() => rlock.release(), { code: 'ERR_NOT_OWNER', name: 'ThreadError' });
  t.false(rlock.tryAcquire());
  t.false(await rlock.acquire({ timeout: 5 }));
  event.set();
  await holder.ended;
  t.true(rlock.tryAcquire());
  rlock.release();
});

test('the owner by promise is the call chain', async (t) => {
  const lock = new RLock();
  let inside = 0;
  let most = 0;
  const inner = async () => {
    await lock.acquire();
    await delay(1);
    lock.release();
  };
  const task = async () => {
    await lock.acquire();
    most = Math.max(most, ++inside);
    await inner();
    inside--;
    lock.release();
  };
  await Promise.all([task(), task(), task()]);
  t.is(most, 1);
  await lock.with(async () => {
    await lock.with(inner);
  });
  {
    await using _outer = await lock.hold();
    await using _inner = await lock.hold();
  }
  t.false(lock.locked());
});

test('a task in with() keeps everybody else out', async (t) => {
  const lock = new RLock();
  const done = new Event();
  const holder = lock.with(() => done.wait());
  t.false(lock.tryAcquire());
  t.throws(() => lock.release(), { code: 'ERR_NOT_OWNER' });
  t.false(await lock.acquire({ timeout: 5 }));
  t.throws(() => lock.acquireSync(), { code: 'EDEADLK' });
  t.false(lock.acquireSync({ timeout: 5 }));
  done.set();
  await holder;
  t.true(await lock.acquire());
  lock.release();
});
