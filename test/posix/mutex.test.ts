import test from 'ava';
import { Mutex, type MutexOptions } from 'prong/posix';
import { runNode } from '../helpers/program.js';

test('between threads and processes', async (t) => {
  const { stdout, stderr, code } = await runNode('test/fixtures/posix/mutex.js');
  t.is(stderr, '');
  t.deepEqual(stdout.trim().split('\n'), [
    'held by the child false EPERM EBUSY',
    'its holder dead EOWNERDEAD',
    'not made consistent ENOTRECOVERABLE ENOTRECOVERABLE',
    'destroyed ERR_DESTROYED ERR_DESTROYED',
    'another true',
    'counted 600',
    'worker [null,false,"ETIMEDOUT","EPERM","locked","of the worker"] of the main thread',
    'after its end EOWNERDEAD',
    'then EDEADLK undefined',
  ]);
  t.is(code, 0);
});

const all: MutexOptions[] = [];
for (const type of ['normal', 'errorcheck', 'recursive'] as const) {
  for (const robust of [false, true]) {
    for (const shared of [false, true]) {
      for (const protocol of ['none', 'inherit'] as const) all.push({ type, robust, shared, protocol });
    }
  }
}

for (const options of all) {
  test(`alone: ${JSON.stringify(options)}`, async (t) => {
    const mutex = new Mutex(options);
    t.throws(() => mutex.unlock(), { code: 'EPERM' });
    t.true(mutex.tryLock());
    t.throws(() => mutex.destroy(), { code: 'EBUSY' });
    if (options.type === 'recursive') {
      mutex.lockSync();
      await mutex.lock({ timeout: 10 });
      t.true(mutex.tryLock());
      for (let i = 0; i < 3; i++) mutex.unlock();
      t.throws(() => mutex.destroy(), { code: 'EBUSY' });
    } else {
      const code = options.type === 'errorcheck' ? 'EDEADLK' : 'ETIMEDOUT';
      t.false(mutex.tryLock());
      t.throws(() => mutex.lockSync({ timeout: 3 }), { code });
      t.throws(() => mutex.lockSync({ timeout: 0 }), { code });
      await t.throwsAsync(mutex.lock({ timeout: 3 }), { code });
    }
    mutex.unlock();
    t.throws(() => mutex.unlock(), { code: 'EPERM' });
    t.throws(() => mutex.consistent(), { code: 'EINVAL' });
    await mutex.lock();
    mutex.unlock();
    mutex.destroy();
    for (const call of [
      () => mutex.lockSync(),
      () => mutex.tryLock(),
      () => mutex.unlock(),
      () => mutex.consistent(),
      () => mutex.destroy(),
      () => Mutex.fromHandle(structuredClone(mutex)),
    ]) {
      t.throws(call, { code: 'ERR_DESTROYED' });
    }
    await t.throwsAsync(mutex.lock(), { code: 'ERR_DESTROYED' });
  });
}

test('the promise form waits without blocking the event loop', async (t) => {
  const mutex = new Mutex();
  mutex.lockSync();
  let turns = 0;
  const ticking = setInterval(() => turns++, 1);
  setTimeout(() => mutex.unlock(), 50);
  await mutex.lock();
  clearInterval(ticking);
  t.true(turns > 0);
  mutex.unlock();
  mutex.destroy();
});

test('a destroyed mutex stays destroyed when its memory is used again', (t) => {
  const first = new Mutex();
  first.destroy();
  const others = Array.from({ length: 1000 }, () => new Mutex());
  t.throws(() => first.lockSync(), { code: 'ERR_DESTROYED' });
  for (const one of others) one.destroy();
});

test('bad arguments', async (t) => {
  for (const options of [null, 1, 'normal'])
    t.throws(() => new Mutex(options as never), { instanceOf: TypeError });
  t.throws(() => new Mutex({ type: 'other' as never }), { code: 'ERR_INVALID_ARG_VALUE' });
  t.throws(() => new Mutex({ protocol: 'protect' as never }), { code: 'ERR_INVALID_ARG_VALUE' });
  t.throws(() => new Mutex({ robust: 1 as never }), { code: 'ERR_INVALID_ARG_TYPE' });
  t.throws(() => new Mutex({ shared: 'yes' as never }), { code: 'ERR_INVALID_ARG_TYPE' });
  const mutex = new Mutex();
  for (const timeout of [Number.NaN, -1]) {
    t.throws(() => mutex.lockSync({ timeout }), { instanceOf: RangeError });
    await t.throwsAsync(mutex.lock({ timeout }), { instanceOf: RangeError });
  }
  t.throws(() => mutex.lockSync({ timeout: '1' as never }), { instanceOf: TypeError });
  t.true(mutex.tryLock());
  mutex.unlock();
  mutex.destroy();
  for (const handle of [null, {}, { at: 1, serial: 'x' }]) {
    t.throws(() => Mutex.fromHandle(handle as never), { instanceOf: TypeError });
  }
  t.throws(() => Mutex.fromHandle({ at: 4096, serial: 1 }), { code: 'ERR_DESTROYED' });
});
