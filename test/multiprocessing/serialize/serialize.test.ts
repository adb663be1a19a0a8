import test from 'ava';
import { DataCloneError, Lock, Queue, registerErrorClass, TimeoutError } from 'prong/multiprocessing';

function through<T>(value: T): T {
  const queue = new Queue<unknown>();
  queue.putSync([value]);
  return (queue.getSync() as T[])[0]!;
}

const cyclic: Record<string, unknown> = { a: 1 };
cyclic.self = cyclic;
cyclic.list = [cyclic, new Map([[cyclic, new Set([cyclic])]])];

// biome-ignore lint/suspicious/noSparseArray: holes are to be kept
const sparse = [, 1, ,];

for (const [name, value] of Object.entries({
  'a cycle': cyclic,
  'holes in an array': sparse,
  'properties of an array': Object.assign([1], { x: 1 }),
  'a map, a set': new Map<unknown, unknown>([[{ a: 1 }, new Set(['x'])]]),
  'a date, a pattern': [new Date(5), new Date(Number.NaN), /a/gi],
  'numbers of any size': [10n, -5n, 2n ** 200n, 2 ** 31, -0, Number.NaN],
  'boxed values': [Object(1), Object('x'), Object(5n), Object(true)],
  views: [new Int16Array([1, -1]), new BigInt64Array([1n]), Buffer.from('b'), new ArrayBuffer(8)],
  '__proto__ as a key': JSON.parse('{"__proto__": 1}'),
  strings: ['', 'é', '漢', '\ud800', 'x'.repeat(300), 'é'.repeat(300)],
  'many objects': Array.from({ length: 100 }, (_, n) => ({ n })),
})) {
  test(`${name} arrive as they are`, (t) => t.deepEqual(through(value), value));
}

test('one object twice arrives as one', (t) => {
  const shared = { a: 1 };
  const list = through([shared, ...Array.from({ length: 50 }, () => ({})), shared]);
  t.is(list[0], list[51]);
});

test('errors arrive whole', (t) => {
  class CustomError extends TypeError {
    readonly extra = { n: 1 };
    readonly method = () => 1;
  }
  const error = new CustomError('message', { cause: new AggregateError([new RangeError('inner')], 'outer') });
  const got = through(error);
  t.true(got instanceof TypeError);
  t.is(got.constructor.name, 'CustomError');
  t.is(got.message, 'message');
  t.is(got.stack, error.stack);
  t.deepEqual(got.extra, { n: 1 });
  t.is(typeof got.method, 'string');
  const cause = got.cause as AggregateError;
  t.true(cause instanceof AggregateError);
  t.true(cause.errors[0] instanceof RangeError);
  t.false(Object.keys(got).includes('cause'));

  t.true(through(new TimeoutError('late')) instanceof TimeoutError);
  t.is(through(new DOMException('stop', 'AbortError')).name, 'AbortError');
  registerErrorClass(CustomError);
  t.true(through(error) instanceof CustomError);
});

test('primitives arrive as themselves, anywhere', (t) => {
  const lock = new Lock();
  const queue = new Queue();
  const got = through({ list: [lock], map: new Map([[queue, lock]]) });
  t.is(got.list[0], lock);
  t.deepEqual([...got.map.keys()], [queue]);
});

for (const [message, value] of [
  ['value[0].a[3].f is a function', { a: [1, 2, 3, { f() {} }] }],
  ['value[0]["x y"] is a symbol', { 'x y': Symbol('s') }],
  ["value[0].get('k') is a function", new Map([['k', () => 1]])],
  ['value[0].p is a Promise', { p: Promise.resolve() }],
  ['value[0] is a WeakMap', new WeakMap()],
  ['value[0] is an instance of Blob', new Blob(['x'])],
  ['value[0] is an instance of MessagePort', new MessageChannel().port1],
  ['value[0] is a SharedArrayBuffer', new SharedArrayBuffer(1)],
] as const) {
  test(`what can't be cloned: ${message}`, (t) => {
    const error = t.throws(() => through<unknown>(value), { instanceOf: DataCloneError })!;
    t.true(error.message.startsWith(message), error.message);
  });
}

test('a getter that puts on a queue itself', (t) => {
  const inner = new Queue();
  const got = through({
    a: 1,
    get b() {
      inner.putSync({ deep: ['x'.repeat(100)] });
      return inner.getSync();
    },
  });
  t.deepEqual(got, { a: 1, b: { deep: ['x'.repeat(100)] } });
});
