import { Worker } from 'node:worker_threads';
import test from 'ava';
import { Lock, Value } from 'prong';

const worker = (name: string, data: unknown) =>
  new Promise<number>((resolve, reject) => {
    const thread = new Worker(new URL(`../fixtures/sync/${name}.js`, import.meta.url), { workerData: data });
    thread.on('error', reject);
    thread.on('exit', resolve);
  });

test('two threads exclude each other', async (t) => {
  const lock = new Lock();
  const value = new Value('i', 0);
  await Promise.all([worker('count', { lock, value }), worker('count', { lock, value })]);
  t.is(value.value, 44_000);
  t.false(lock.locked());
});

test('acquire times out and leaves no trace', async (t) => {
  const lock = new Lock();
  t.true(await lock.acquire());
  t.false(await lock.acquire({ timeout: 10 }));
  t.false(lock.acquireSync({ timeout: 10 }));
  t.false(lock.tryAcquire());
  lock.release();
  t.true(lock.tryAcquire());
  lock.release();
  t.throws(() => lock.release(), { code: 'ERR_NOT_HELD' });
  for (const timeout of [Number.NaN, -1]) {
    t.throws(() => lock.acquireSync({ timeout }), { code: 'ERR_OUT_OF_RANGE' });
    await t.throwsAsync(lock.acquire({ timeout }), { code: 'ERR_OUT_OF_RANGE' });
  }
});
