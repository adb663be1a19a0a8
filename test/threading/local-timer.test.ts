import test from 'ava';
import { Event, local, Thread } from 'prong';
import { currentThread, Timer } from 'prong/threading';
import { inThread } from '../helpers/in-thread.js';

test('each thread has its own values of the same local()', async (t) => {
  const data = local<{ name?: string; list?: string[] }>();
  data.name = 'main';
  const use = (name: string) => {
    const before = [data.name, 'name' in data];
    data.name = name;
    return [...before, data.name, Object.keys(data)];
  };
  t.deepEqual(await Promise.all([inThread(use, 'A'), inThread(use, 'B')]), [
    [undefined, false, 'A', ['name']],
    [undefined, false, 'B', ['name']],
  ]);
  t.is(data.name, 'main');
  delete data.name;
  t.false('name' in data);
});

test('the values of a local() die with their thread', async (t) => {
  const data = local<{ bytes?: Uint8Array }>();
  const fill = (size: number) => {
    data.bytes = new Uint8Array(size).fill(1);
    return data.bytes.length;
  };
  const size = 64 << 20;
  await inThread(fill, size);
  const before = process.memoryUsage.rss();
  for (let n = 0; n < 8; n++) t.is(await inThread(fill, size), size);
  t.true(process.memoryUsage.rss() - before < 4 * size);
  t.is(data.bytes, undefined);
});

test('init runs once in each thread, on first use', async (t) => {
  const data = local<{ n: number; id?: string }>({
    init: (own) => {
      own.n = (own.n ?? 0) + 1;
      return { id: currentThread().name };
    },
  });
  t.deepEqual([data.n, data.id, data.n], [1, 'MainThread', 1]);
  const thread = new Thread({ target: () => [data.n, data.id, data.n], name: 'Other' });
  thread.start();
  t.deepEqual(await thread.result, [1, 'Other', 1]);
  t.throws(() => local({ init: 1 as never }), { code: 'ERR_INVALID_ARG_TYPE' });
});

test('a timer fires in a thread of its own', async (t) => {
  const fired = new Event();
  const timer = new Timer(
    10,
    (event: Event) => {
      event.set();
      return currentThread().name;
    },
    [fired],
  );
  timer.start();
  await timer.join();
  t.true(fired.isSet());
  t.is(await timer.result, timer.name);
  t.not(timer.name, 'MainThread');
});

test('a timer that is cancelled never fires', async (t) => {
  const fired = new Event();
  const timer = new Timer(60_000, () => fired.set());
  await timer.start();
  t.true(timer.isAlive());
  timer.cancel();
  timer.joinSync();
  t.false(fired.isSet());
  t.throws(() => new Timer(-1, () => {}), { code: 'ERR_OUT_OF_RANGE' });
  t.throws(() => new Timer(1, 2 as never), { code: 'ERR_INVALID_ARG_TYPE' });
});
