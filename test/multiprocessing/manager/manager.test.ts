import test, { type ExecutionContext } from 'ava';
import { Manager, RemoteError } from 'prong/multiprocessing';
import { leavesNothing } from '../../helpers/leaks.js';

class Counter {
  #n: number;
  constructor(n = 0) {
    if (n < 0) throw new RangeError('n is below 0');
    this.#n = n;
  }
  add(k = 1): number {
    this.#n += k;
    return this.#n;
  }
  async later(): Promise<string> {
    return 'later';
  }
  fail(): never {
    throw Object.assign(new TypeError('on purpose'), { code: 'ERR_MINE', extra: [1] });
  }
  _own(): number {
    return this.#n;
  }
  unclonable(): () => void {
    return () => {};
  }
}

/** A test with a manager of its own, which leaves nothing. */
function managed(name: string, body: (t: ExecutionContext, manager: Manager) => Promise<void>): void {
  test.serial(
    name,
    leavesNothing(async (t) => {
      const manager = new Manager();
      try {
        await body(t, manager);
      } finally {
        await manager.shutdown();
      }
    }),
  );
}

managed('dict', async (t, manager) => {
  const dict = await manager.dict<string, number>({ a: 1, b: 2 });
  t.is(await dict.get('a'), 1);
  t.is(await dict.get('z'), undefined);
  t.is(await dict.get('z', 7), 7);
  await dict.set('c', 3);
  t.deepEqual(await dict.keys(), ['a', 'b', 'c']);
  t.deepEqual(await dict.values(), [1, 2, 3]);
  t.deepEqual(await dict.popitem(), ['c', 3]);
  t.is(await dict.pop('b'), 2);
  t.is(await dict.pop('b', 9), 9);
  await t.throwsAsync(dict.pop('b'), { code: 'ERR_KEY' });
  t.is(await dict.setdefault('d', 4), 4);
  t.is(await dict.setdefault('d', 5), 4);
  await dict.update([['e', 5]]);
  t.deepEqual(
    await dict.copy(),
    new Map([
      ['a', 1],
      ['d', 4],
      ['e', 5],
    ]),
  );
  t.deepEqual(
    [await dict.has('e'), await dict.delete('e'), await dict.has('e'), await dict.size()],
    [true, true, false, 2],
  );
  const keys: string[] = [];
  for await (const key of dict) keys.push(key);
  t.deepEqual(keys, ['a', 'd']);
  await dict.clear();
  t.deepEqual(await dict.items(), []);
});

managed('list', async (t, manager) => {
  const list = await manager.list([3, 1, 2]);
  await list.append(5);
  await list.extend([4, 4]);
  await list.insert(0, 9);
  t.deepEqual(await list.copy(), [9, 3, 1, 2, 5, 4, 4]);
  t.deepEqual(
    [await list.get(0), await list.get(-1), await list.at(99), await list.length()],
    [9, 4, undefined, 7],
  );
  await t.throwsAsync(list.get(7), { code: 'ERR_OUT_OF_RANGE' });
  await list.set(-1, 0);
  t.is(await list.pop(), 0);
  t.is(await list.pop(0), 9);
  await list.remove(1);
  await t.throwsAsync(list.remove(1), { code: 'ERR_KEY' });
  await list.sort();
  await list.reverse();
  t.deepEqual(await list.slice(), [5, 4, 3, 2]);
  t.deepEqual([await list.index(3), await list.count(4), await list.includes(7)], [2, 1, false]);
  const items: number[] = [];
  for await (const item of list) items.push(item);
  t.deepEqual(items, [5, 4, 3, 2]);
});

managed('Namespace, Value and Array', async (t, manager) => {
  const space = await manager.Namespace({ x: 1 });
  t.is(await space.x, 1);
  const any = space as unknown as Record<string, unknown>;
  any.y = { deep: [1] };
  t.deepEqual(await any.y, { deep: [1] });
  t.deepEqual(await space.toObject(), { x: 1, y: { deep: [1] } });
  delete any.y;
  t.is(await any.y, undefined);
  const value = await manager.Value('i', 5);
  t.is(await value.value, 5);
  await value.set(6);
  t.is(await value.add(2), 6);
  t.is(await value.get(), 8);
  await t.throwsAsync(value.set('x' as never), { instanceOf: RemoteError });
  const array = await manager.Array('d', [0.5, 1.5]);
  await array.set(1, 2.5);
  t.deepEqual(
    [await array.get(0), await array.get(-1), await array.length(), await array.slice()],
    [0.5, 2.5, 2, [0.5, 2.5]],
  );
  await t.throwsAsync(array.get(2), { code: 'ERR_OUT_OF_RANGE' });
  t.deepEqual(await (await manager.Array('i', 3)).slice(), [0, 0, 0]);
});

managed('Queue and JoinableQueue', async (t, manager) => {
  const queue = await manager.Queue<number>({ maxsize: 2 });
  const waiting = [queue.get(), queue.get()];
  for (const n of [1, 2, 3, 4]) await queue.put(n);
  t.deepEqual(await Promise.all(waiting), [1, 2]);
  t.true(await queue.full());
  await t.throwsAsync(queue.put(5, { timeout: 10 }), { name: 'QueueFull' });
  await t.throwsAsync(queue.putNowait(5), { code: 'ERR_QUEUE_FULL' });
  const late = queue.put(5);
  t.deepEqual([await queue.get(), await queue.get(), await queue.get()], [3, 4, 5]);
  await late;
  await t.throwsAsync(queue.get({ timeout: 10 }), { name: 'QueueEmpty' });
  await t.throwsAsync(queue.getNowait(), { code: 'ERR_QUEUE_EMPTY' });
  t.deepEqual([await queue.qsize(), await queue.empty()], [0, true]);
  const tasks = await manager.JoinableQueue();
  await tasks.put(1);
  t.false(await tasks.join({ timeout: 5 }));
  const joined = tasks.join();
  await tasks.get();
  await tasks.taskDone();
  t.true(await joined);
  await t.throwsAsync(tasks.taskDone(), { code: 'ERR_OUT_OF_RANGE' });
});

managed('locks', async (t, manager) => {
  const lock = await manager.Lock();
  t.true(await lock.acquire());
  t.false(await lock.acquire({ timeout: 5 }));
  t.true(await lock.locked());
  const next = lock.acquire();
  await lock.release();
  t.true(await next);
  await lock.release();
  await t.throwsAsync(lock.release(), { name: 'ThreadError' });
  t.is(await lock.with(async () => 5), 5);
  t.false(await lock.locked());
  {
    await using _held = await lock.hold();
    t.true(await lock.locked());
    await t.throwsAsync(lock.hold({ timeout: 5 }), { name: 'TimeoutError', code: 'ETIMEDOUT' });
  }
  t.false(await lock.locked());
  const relock = await manager.RLock();
  t.true((await relock.acquire()) && (await relock.acquire()));
  await relock.release();
  t.true(await relock.locked());
  await relock.release();
  await t.throwsAsync(relock.release(), { name: 'ThreadError' });
  const semaphore = await manager.Semaphore(2);
  t.true((await semaphore.acquire()) && (await semaphore.tryAcquire()));
  t.false(await semaphore.acquire({ timeout: 5 }));
  const woken = semaphore.acquire();
  await semaphore.release(2);
  t.deepEqual([await woken, await semaphore.value()], [true, 1]);
  const bounded = await manager.BoundedSemaphore(1);
  await t.throwsAsync(bounded.release(), { code: 'ERR_OUT_OF_RANGE' });
});

managed('Event, Condition and Barrier', async (t, manager) => {
  const event = await manager.Event();
  t.false(await event.wait({ timeout: 5 }));
  const waiting = event.wait();
  await event.set();
  t.deepEqual([await waiting, await event.isSet()], [true, true]);
  await event.clear();
  t.false(await event.isSet());
  const condition = await manager.Condition();
  await t.throwsAsync(condition.notify(), { name: 'ThreadError' });
  await condition.acquire();
  t.false(await condition.wait({ timeout: 5 }));
  const notified = condition.wait();
  await condition.acquire();
  await condition.notifyAll();
  await condition.release();
  t.true(await notified);
  await condition.release();
  const barrier = await manager.Barrier(2);
  t.deepEqual((await Promise.all([barrier.wait(), barrier.wait()])).sort(), [0, 1]);
  await t.throwsAsync(barrier.wait({ timeout: 5 }), { name: 'BrokenBarrierError' });
  t.true(await barrier.broken());
  await barrier.reset();
  const broken = barrier.wait();
  await barrier.abort();
  await t.throwsAsync(broken, { code: 'ERR_BROKEN_BARRIER' });
});

managed('objects inside of objects', async (t, manager) => {
  const inner = await manager.list([1]);
  const outer = await manager.dict<string, unknown>();
  await outer.set('inner', inner);
  await outer.set('deep', { in: [inner] });
  t.is(await outer.get('inner'), inner);
  const deep = (await outer.get('deep')) as { in: (typeof inner)[] };
  await deep.in[0]!.append(2);
  t.deepEqual(await inner.copy(), [1, 2]);
});

test.serial(
  'registered classes and functions',
  leavesNothing(async (t) => {
    const manager = new Manager();
    const counter = manager.register('Counter', Counter);
    const only = manager.register('Only', Counter, { exposed: ['add'] });
    const made = manager.register('made', (n: number) => ({ n, twice: (k: number) => n * k }));
    const one = await counter(5);
    t.is(await one.add(2), 7);
    t.is(await one.add(), 8);
    t.is(await one.later(), 'later');
    t.is((one as unknown as Record<string, unknown>)._own, undefined);
    await t.throwsAsync(one.call('_own'), { code: 'ERR_NOT_EXPOSED' });
    await t.throwsAsync(one.call('constructor'), { code: 'ERR_NOT_EXPOSED' });
    t.is(await (await made(4)).twice(3), 12);
    const two = await only(0);
    t.is(await two.add(), 1);
    await t.throwsAsync(two.call('later'), { code: 'ERR_NOT_EXPOSED' });
    const error = (await t.throwsAsync(one.fail(), { instanceOf: RemoteError })) as RemoteError;
    t.like(error, { name: 'TypeError', message: 'on purpose', code: 'ERR_MINE' });
    t.true(error.cause instanceof TypeError);
    t.deepEqual((error.cause as { extra?: unknown }).extra, [1]);
    t.regex(error.remoteStack!, /fail/);
    await t.throwsAsync(counter(-1), { name: 'RangeError', message: 'n is below 0' });
    await t.throwsAsync(one.unclonable());
    await t.throwsAsync(one.add((() => {}) as never), { code: 'ERR_DATA_CLONE' });
    t.is(await one.add(0), 8);
    await t.throwsAsync(manager.create('nothing'), { code: 'ERR_NOT_REGISTERED' });
    t.throws(() => manager.register('late', Counter), { code: 'ERR_MANAGER_STARTED' });
    await manager.shutdown();
  }),
);

test.serial(
  'others attach by address and key',
  leavesNothing(async (t) => {
    await using manager = await new Manager({ address: ['127.0.0.1', 0], authkey: 'key' }).start();
    t.true((manager.address as [string, number])[1] > 0);
    t.is(manager.authkey.toString(), 'key');
    const other = new Manager({ address: manager.address, authkey: 'key' });
    await other.connect();
    const list = await other.list([1]);
    await list.append(2);
    t.deepEqual(await list.copy(), [1, 2]);
    await other.shutdown();
    t.deepEqual(await (await manager.list([3])).copy(), [3]);
    const fresh = new Manager({ address: `/tmp/prong-no-manager-${process.pid}`, authkey: 'key' });
    await t.throwsAsync(fresh.connect(), { code: 'ERR_MANAGER_ENDED' });
    await t.throwsAsync(new Manager().connect(), { code: 'ERR_INVALID_ARG_TYPE' });
  }),
);

test.serial(
  'after the end',
  leavesNothing(async (t) => {
    const manager = Manager();
    const list = await manager.list([1]);
    const event = await manager.Event();
    const waiting = event.wait();
    process.kill(manager.pid!, 'SIGKILL');
    await t.throwsAsync(waiting, { code: 'ERR_MANAGER_ENDED', name: 'ManagerEndedError' });
    await t.throwsAsync(list.copy(), { code: 'ERR_MANAGER_ENDED' });
    await t.throwsAsync(manager.list(), { code: 'ERR_MANAGER_ENDED' });
    await manager.shutdown();
    await manager.shutdown();
    await t.throwsAsync(manager.list(), { code: 'ERR_MANAGER_ENDED' });
    await t.throwsAsync(manager.start(), { code: 'ERR_MANAGER_ENDED' });
    const unused = new Manager();
    await unused.shutdown();
    const taken = new Manager({ address: '/nowhere/prong.sock' });
    await t.throwsAsync(taken.list(), { code: 'ENOENT' });
    await taken.shutdown();
  }),
);

test('wrong arguments', (t) => {
  t.throws(() => new Manager(5 as never), { code: 'ERR_INVALID_ARG_TYPE' });
  t.throws(() => new Manager({ address: 5 as never }), { code: 'ERR_INVALID_ARG_TYPE' });
  t.throws(() => new Manager({ authkey: '' }), { code: 'ERR_INVALID_ARG_VALUE' });
  const manager = new Manager();
  t.throws(() => manager.register(5 as never, Counter), { code: 'ERR_INVALID_ARG_TYPE' });
  t.throws(() => manager.register('', Counter), { code: 'ERR_INVALID_ARG_VALUE' });
  t.throws(() => manager.register('x', 5 as never), { code: 'ERR_INVALID_ARG_TYPE' });
  t.throws(() => manager.register('x', Counter, { exposed: 'add' as never }), {
    code: 'ERR_INVALID_ARG_TYPE',
  });
});
