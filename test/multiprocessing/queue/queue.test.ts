import test from 'ava';
import {
  JoinableQueue,
  Queue,
  QueueClosed,
  QueueEmpty,
  QueueFull,
  QueueShutDown,
  SimpleQueue,
} from 'prong/multiprocessing';
import { inThread } from '../../helpers/in-thread.js';

const values: unknown[] = [
  0,
  -0,
  1.5,
  Number.NaN,
  2 ** 40,
  '',
  'ascii',
  'é',
  '漢字',
  '\ud800',
  'x'.repeat(3000),
  '漢'.repeat(3000),
  'x'.repeat(100_000),
  null,
  undefined,
  true,
  false,
  10n,
  { a: [1, { b: 'c' }] },
  Buffer.from('bytes'),
  Buffer.alloc(20_000, 7),
  new Uint8Array(0),
  new Float64Array([1, 2]),
  new DataView(new ArrayBuffer(8)),
  { large: 'y'.repeat(50_000) },
];

test('values come out as they went in, in their order', async (t) => {
  const queue = new Queue();
  for (const value of values) queue.putSync(value);
  t.is(queue.qsize(), values.length);
  for (const value of values) t.deepEqual(queue.getSync(), value);
  for (const value of values) await queue.put(value);
  for (const value of values) t.deepEqual(await queue.get(), value);
  t.true(queue.empty());
});

test('a value is copied when it is put', (t) => {
  const queue = new Queue<{ n: number }>();
  const value = { n: 1 };
  queue.putSync(value);
  value.n = 2;
  t.deepEqual(queue.getSync(), { n: 1 });
});

test('an empty queue: QueueEmpty, at once or in time', async (t) => {
  const queue = new Queue();
  t.throws(() => queue.getNowait(), { instanceOf: QueueEmpty, code: 'ERR_QUEUE_EMPTY' });
  t.throws(() => queue.getSync({ timeout: 5 }), { instanceOf: QueueEmpty });
  await t.throwsAsync(queue.get({ timeout: 0 }), { instanceOf: QueueEmpty });
  await t.throwsAsync(queue.get({ timeout: 30 }), { instanceOf: QueueEmpty });
});

test('a full queue: QueueFull, at once or in time; a get makes room', async (t) => {
  const queue = new Queue<number>({ maxsize: 2 });
  t.is(queue.maxsize, 2);
  queue.putSync(1);
  t.false(queue.full());
  queue.putSync(2);
  t.true(queue.full());
  t.throws(() => queue.putNowait(3), { instanceOf: QueueFull, code: 'ERR_QUEUE_FULL' });
  t.throws(() => queue.putSync(3, { timeout: 5 }), { instanceOf: QueueFull });
  await t.throwsAsync(queue.put(3, { timeout: 30 }), { instanceOf: QueueFull });
  const put = queue.put(3);
  t.is(await queue.get(), 1);
  await put;
  t.deepEqual([queue.getNowait(), queue.getNowait(), queue.qsize()], [2, 3, 0]);
});

test('a waiting get is woken by a put of the same thread', async (t) => {
  const queue = new Queue<string>();
  const got = [queue.get(), queue.get()];
  queue.putSync('a');
  await queue.put('b');
  t.deepEqual((await Promise.all(got)).sort(), ['a', 'b']);
});

test('threads share it', async (t) => {
  const queue = new Queue<number>({ maxsize: 4 });
  const back = new SimpleQueue<number>();
  const thread = inThread(
    async (from: Queue<number>, to: SimpleQueue<number>) => {
      let sum = 0;
      for await (const value of from) sum += value;
      to.putSync(sum);
    },
    queue,
    back,
  );
  for (let n = 1; n <= 1000; n++) await queue.put(n);
  queue.shutdown();
  t.is(await back.get(), 500_500);
  await thread;
});

test('shutdown: no more puts, and gets until it is empty', async (t) => {
  const queue = new Queue<number>({ maxsize: 1 });
  queue.putSync(1);
  const put = queue.put(2);
  queue.shutdown();
  await t.throwsAsync(put, { instanceOf: QueueShutDown, code: 'ERR_QUEUE_SHUT_DOWN' });
  t.throws(() => queue.putSync(2), { instanceOf: QueueShutDown });
  t.is(queue.getSync(), 1);
  t.throws(() => queue.getSync(), { instanceOf: QueueShutDown });
  await t.throwsAsync(queue.get(), { instanceOf: QueueShutDown });
});

test('shutdown({ immediate }): what is in it counts as done', async (t) => {
  const queue = new JoinableQueue<unknown>();
  const waiting = queue.get();
  queue.putSync(0);
  await waiting;
  for (let n = 0; n < 10; n++) queue.putSync(Buffer.alloc(n * 3000));
  t.false(await queue.join({ timeout: 0 }));
  queue.taskDone();
  const join = queue.join();
  queue.shutdown({ immediate: true });
  t.true(await join);
  t.is(queue.qsize(), 0);
  t.throws(() => queue.getNowait(), { instanceOf: QueueShutDown });
});

test('close: this process is done with it', async (t) => {
  const queue = new Queue();
  const waiting = queue.get();
  await t.throwsAsync(queue.joinThread(), { code: 'ERR_INVALID_STATE' });
  queue.close();
  queue.close();
  await t.throwsAsync(waiting, { instanceOf: QueueClosed, code: 'ERR_QUEUE_CLOSED' });
  t.throws(() => queue.putSync(1), { instanceOf: QueueClosed });
  t.throws(() => queue.getSync(), { instanceOf: QueueClosed });
  await t.throwsAsync(queue.put(1), { instanceOf: QueueClosed });
  await queue.joinThread();
  queue.cancelJoinThread();
});

test('for await ends when the queue is shut down or closed', async (t) => {
  const queue = new SimpleQueue<number>();
  for (let n = 0; n < 3; n++) queue.putSync(n);
  const got: number[] = [];
  for await (const value of queue) {
    got.push(value);
    if (value === 2) queue.shutdown();
  }
  t.deepEqual(got, [0, 1, 2]);
});

test('taskDone and join', async (t) => {
  const queue = new JoinableQueue<number>();
  t.true(queue.joinSync());
  t.throws(() => queue.taskDone(), { instanceOf: RangeError, code: 'ERR_OUT_OF_RANGE' });
  queue.putSync(1);
  t.false(queue.joinSync({ timeout: 5 }));
  const join = queue.join();
  t.is(queue.getSync(), 1);
  queue.taskDone();
  t.true(await join);
});

test('what can not be cloned is named, and nothing is put', async (t) => {
  const queue = new Queue();
  const value = { a: [1, 2, 3, { f() {} }] };
  t.throws(() => queue.putSync(value), { code: 'ERR_DATA_CLONE', message: /value\.a\[3\]\.f is a function/ });
  t.throws(() => queue.putSync(() => 1), { code: 'ERR_DATA_CLONE', message: /^value is a function/ });
  await t.throwsAsync(queue.put(Symbol('s')), { code: 'ERR_DATA_CLONE', message: /^value is a symbol/ });
  t.true(queue.empty());
});

test('wrong arguments throw before anything is done', async (t) => {
  // biome-ignore lint/suspicious/noExplicitAny: wrong on purpose
  const wrong = (value: unknown): any => value;
  t.throws(() => new Queue(wrong('1')), { code: 'ERR_INVALID_ARG_TYPE' });
  t.throws(() => new Queue({ maxsize: wrong('1') }), { code: 'ERR_INVALID_ARG_TYPE' });
  t.throws(() => new Queue({ maxsize: 1.5 }), { code: 'ERR_OUT_OF_RANGE' });
  t.throws(() => new Queue({ maxsize: 2 ** 31 }), { code: 'ERR_OUT_OF_RANGE' });
  const queue = new Queue({ maxsize: -1 });
  t.is(queue.maxsize, 0);
  t.throws(() => queue.getSync({ timeout: Number.NaN }), { code: 'ERR_OUT_OF_RANGE' });
  t.throws(() => queue.putSync(1, { timeout: -1 }), { code: 'ERR_OUT_OF_RANGE' });
  await t.throwsAsync(queue.get({ timeout: wrong('1') }), { code: 'ERR_INVALID_ARG_TYPE' });
  await t.throwsAsync(queue.put(1, wrong(5)), { code: 'ERR_INVALID_ARG_TYPE' });
  t.throws(() => queue.shutdown({ immediate: wrong(1) }), { code: 'ERR_INVALID_ARG_TYPE' });
  t.is(queue.qsize(), 0);
});
