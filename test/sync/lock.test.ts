import { setTimeout as delay } from 'node:timers/promises';
import test from 'ava';
import { Event, Lock, Semaphore, Value } from 'prong';
import * as multiprocessing from 'prong/multiprocessing';
import * as threading from 'prong/threading';
import { thread, threads } from '../helpers/threads.js';

test('there is one set of primitives', (t) => {
  t.is(threading.Lock, multiprocessing.Lock);
  t.is(threading.Queue, multiprocessing.Queue);
  t.is(threading.Value, multiprocessing.Value);
  t.is(threading.Lock, Lock);
});

test('threads exclude each other, blocking or not', async (t) => {
  const lock = new Lock();
  const value = new Value('i', 0);
  await threads(['count', 'countAsync', 'count', 'countAsync'], { lock, value });
  t.is(value.value, 44_000);
  t.false(lock.locked());
});

test('acquire times out and leaves no trace', async (t) => {
  const lock = new Lock();
  t.true(await lock.acquire());
  t.false(await lock.acquire({ timeout: 10 }));
  t.false(await lock.acquire({ timeout: 0 }));
  t.false(lock.acquireSync({ timeout: 10 }));
  t.false(lock.acquireSync({ timeout: 0 }));
  t.false(lock.tryAcquire());
  lock.release();
  t.true(lock.tryAcquire());
  lock.release();
});

test('a promise waits for the lock without blocking', async (t) => {
  const lock = new Lock();
  lock.acquireSync();
  const acquired = lock.acquire();
  for (let turns = 0; turns < 3; turns++) await delay(1);
  lock.release();
  t.true(await acquired);
  t.true(lock.locked());
  lock.release();
});

test('promises get the lock in the order in which they asked', async (t) => {
  const lock = new Lock();
  await lock.acquire();
  const order: number[] = [];
  const tasks = [1, 2, 3, 4, 5].map(async (n) => {
    await lock.with(() => order.push(n));
  });
  lock.release();
  await Promise.all(tasks);
  t.deepEqual(order, [1, 2, 3, 4, 5]);
});

test('guards release once, at the end of their scope', async (t) => {
  const lock = new Lock();
  {
    using held = lock.holdSync();
    t.true(lock.locked());
    held.release();
    t.false(lock.locked());
  }
  {
    await using _held = await lock.hold({ timeout: 100 });
    t.true(lock.locked());
    t.throws(() => lock.holdSync({ timeout: 1 }), { code: 'ETIMEDOUT', name: 'TimeoutError' });
    await t.throwsAsync(lock.hold({ timeout: 1 }), { code: 'ETIMEDOUT' });
    await t.throwsAsync(
      lock.with(() => {}, { timeout: 1 }),
      { code: 'ETIMEDOUT' },
    );
  }
  t.false(lock.locked());
  t.is(
    lock.withSync(() => 7),
    7,
  );
  t.is(await lock.with(async () => 8), 8);
  await t.throwsAsync(
    lock.with(() => {
      throw new Error('from within');
    }),
    { message: 'from within' },
  );
  t.false(lock.locked());
});

test('anybody may release it', async (t) => {
  const lock = new Lock();
  const event = new Event();
  const ready = new Semaphore(0);
  const holder = thread('hold', { lock, event, ready });
  await ready.acquire();
  t.false(lock.tryAcquire());
  lock.release();
  t.true(lock.tryAcquire());
  event.set();
  await holder.ended;
  t.throws(() => lock.release(), { code: 'ERR_NOT_HELD' });
});

test('a thread that ends holding it is survived', async (t) => {
  const lock = new Lock();
  const ready = new Semaphore(0);
  await thread('die', { lock, ready }).ended;
  t.true(lock.locked());
  t.true(lock.acquireSync({ timeout: 5_000 }));
  t.true(lock.ownerDied);
  lock.release();
  t.false(lock.ownerDied);
  t.false(lock.locked());
});

test('a thread that is terminated while it holds or waits is survived', async (t) => {
  const lock = new Lock();
  const event = new Event();
  const ready = new Semaphore(0);
  const holder = thread('hold', { lock, event, ready });
  await ready.acquire();
  const waiting = lock.acquire();
  await holder.worker.terminate();
  t.true(await waiting);
  t.true(lock.ownerDied);
  lock.release();
  t.false(lock.ownerDied);
});

test('with onOwnerDied: throw it is unusable until recover()', async (t) => {
  const lock = new Lock({ name: 'ledger', onOwnerDied: 'throw' });
  const ready = new Semaphore(0);
  await thread('die', { lock, ready }).ended;
  t.throws(() => lock.acquireSync(), { code: 'EOWNERDEAD', name: 'OwnerDiedError', message: /ledger/ });
  await t.throwsAsync(lock.acquire(), { code: 'EOWNERDEAD' });
  t.throws(() => lock.release(), { code: 'EOWNERDEAD' });
  t.true(lock.ownerDied);
  lock.recover();
  t.false(lock.ownerDied);
  t.true(lock.tryAcquire());
  t.throws(() => lock.recover(), { code: 'ERR_NOT_OWNER_DIED' });
  lock.release();
});

test('wrong use throws and harms nothing', async (t) => {
  const lock = new Lock();
  t.throws(() => lock.release(), { code: 'ERR_NOT_HELD', name: 'ThreadError' });
  for (const timeout of [Number.NaN, -1]) {
    t.throws(() => lock.acquireSync({ timeout }), { code: 'ERR_OUT_OF_RANGE', instanceOf: RangeError });
    await t.throwsAsync(lock.acquire({ timeout }), { code: 'ERR_OUT_OF_RANGE' });
  }
  t.throws(() => lock.acquireSync({ timeout: '1' as unknown as number }), { instanceOf: TypeError });
  t.throws(() => lock.acquireSync(1 as never), { instanceOf: TypeError });
  t.throws(() => new Lock({ onOwnerDied: 'cry' as never }), { code: 'ERR_INVALID_ARG_VALUE' });
  t.throws(() => lock.withSync(undefined as never), { code: 'ERR_INVALID_ARG_TYPE' });
  t.true(lock.tryAcquire());
  lock.release();
});

test('after destroy() every call throws, and waits end', async (t) => {
  const lock = new Lock();
  lock.acquireSync();
  const waiting = lock.acquire();
  lock.destroy();
  await t.throwsAsync(waiting, { code: 'ERR_DESTROYED' });
  t.throws(() => lock.acquireSync(), { code: 'ERR_DESTROYED' });
  t.throws(() => lock.release(), { code: 'ERR_DESTROYED' });
});
