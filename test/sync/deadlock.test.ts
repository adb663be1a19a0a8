import test from 'ava';
import { Event, Lock, RLock, Semaphore, Value } from 'prong';
import { thread } from '../helpers/threads.js';

const fallback = process.env.PRONG_NATIVE === '0';

test('a thread that wants a lock it holds gets an error instead of hanging', async (t) => {
  const lock = new Lock({ name: 'number', detectDeadlock: true });
  t.true(lock.acquireSync());
  const error = t.throws(() => lock.acquireSync(), { code: 'EDEADLK', name: 'DeadlockError' });
  t.regex(error?.message ?? '', /'number'.*MainThread.*pid \d+.*deadlock\.test/s);
  t.false(lock.acquireSync({ timeout: 5 }));
  lock.release();
  t.true(lock.tryAcquire());
  lock.release();
  await lock.acquire();
  await t.throwsAsync(lock.acquire(), { code: 'EDEADLK' });
  lock.release();
  t.false(lock.locked());
  const nested = new RLock({ detectDeadlock: true });
  nested.withSync(() => nested.withSync(() => t.pass()));
});

test('tasks of one thread that wait for each other', async (t) => {
  if (fallback) return t.pass('only the smallest cycle is seen without the addon');
  const a = new Lock({ name: 'a', detectDeadlock: true });
  const b = new Lock({ name: 'b', detectDeadlock: true });
  const both = new Semaphore(0);
  const task = async (one: Lock, other: Lock) => {
    await one.acquire();
    both.release();
    while (both.value < 2) await new Promise(setImmediate);
    try {
      await other.acquire();
      other.release();
      return 'done';
    } catch (error) {
      return (error as Error).message;
    } finally {
      one.release();
    }
  };
  const results = await Promise.all([task(a, b), task(b, a)]);
  t.is(results.filter((result) => result !== 'done').length >= 1, true);
  t.regex(
    results.find((result) => result !== 'done') ?? '',
    /lock 'a' is held by.*lock 'b' is held by|lock 'b'.*lock 'a'/s,
  );
  t.false(a.locked() || b.locked());
});

test('threads that wait for each other', async (t) => {
  if (fallback) return t.pass('only the smallest cycle is seen without the addon');
  const lock = new Lock({ name: 'a', detectDeadlock: true });
  const rlock = new RLock({ name: 'b', detectDeadlock: true });
  const ready = new Semaphore(0);
  const event = new Event();
  const value = new Value('i', 0);
  const data = { lock, rlock, ready, event, value };
  const running = [thread('embrace', { ...data, index: 0 }), thread('embrace', { ...data, index: 1 })];
  await ready.acquire();
  await ready.acquire();
  event.set();
  await Promise.all(running.map((each) => each.ended));
  // One gives up, and the other goes on.
  t.is(value.value, 101);
  t.false(lock.locked() || rlock.locked());
});
