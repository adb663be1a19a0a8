import { createHash } from 'node:crypto';
import * as os from 'node:os';
import path, { join } from 'node:path';
import test from 'ava';
import { Lock, Value } from 'prong';
import { inThread } from '../helpers/in-thread.js';

const table = new Map<string, unknown>([['a', [1, 2]]]);
const circle: Record<string, unknown> = { table };
circle.self = circle;

test('plain data keeps its shape, its identity and its cycles', async (t) => {
  const date = new Date(0);
  const bytes = Buffer.from('abc');
  const shared = new SharedArrayBuffer(4);
  const result = await inThread(() => {
    new Int32Array(shared)[0] = 7;
    return {
      same: circle.self === circle && circle.table === table,
      pair: table.get('a'),
      time: date.getTime(),
      text: bytes.toString(),
      isBuffer: Buffer.isBuffer(bytes),
      pattern: /a+/gi.exec('xAA')?.[0],
      big: 10n ** 20n,
    };
  });
  t.deepEqual(result, {
    same: true,
    pair: [1, 2],
    time: 0,
    text: 'abc',
    isBuffer: true,
    pattern: 'AA',
    big: 10n ** 20n,
  });
  t.is(new Int32Array(shared)[0], 7);
});

test('properties keep their attributes, accessors work, frozen stays frozen', async (t) => {
  const tag = Symbol('tag');
  const object = Object.freeze({
    hidden: 1,
    [tag]: 'symbol',
    get double() {
      return this.hidden * 2;
    },
  });
  const sparse = [1, 2, 3];
  delete sparse[1];
  const bare = Object.assign(Object.create(null), { x: 1 });
  t.deepEqual(
    await inThread(() => [
      object.double,
      object[tag],
      Object.isFrozen(object),
      1 in sparse,
      sparse.length,
      Object.getPrototypeOf(bare),
      bare.x,
    ]),
    [2, 'symbol', true, false, 3, null, 1],
  );
});

test('built-in modules and globals travel by name', async (t) => {
  const { max } = Math;
  const log = console.log;
  const digest = await inThread(() => {
    const hash = createHash('sha1').update('x').digest('hex');
    return [hash, os.EOL, join('a', 'b'), path.sep, max(1, 2), typeof log, path.join === join];
  });
  t.deepEqual(digest, [
    createHash('sha1').update('x').digest('hex'),
    os.EOL,
    'a/b',
    '/',
    2,
    'function',
    true,
  ]);
});

test('primitives are shared, wherever in a value they are', async (t) => {
  const state = {
    lock: new Lock(),
    counters: [new Value('i', 1), new Map([['x', new Value('i', 5)]])] as const,
  };
  await inThread(() => {
    state.lock.withSync(() => {
      state.counters[0].value += 1;
      (state.counters[1].get('x') as Value).value += 1;
    });
  });
  t.is(state.counters[0].value, 2);
  t.is(state.counters[1].get('x')?.value, 6);
});

test('globals of the program travel like variables', async (t) => {
  const globals = globalThis as unknown as { prongTestGlobal?: { a: number } };
  globals.prongTestGlobal = { a: 3 };
  t.teardown(() => delete globals.prongTestGlobal);
  // @ts-expect-error: a global that TypeScript has not heard of
  t.is(await inThread(() => prongTestGlobal.a as number), 3);
});

test('errors keep class, cause and properties, there and back', async (t) => {
  class Refused extends Error {
    readonly reason: string;
    constructor(reason: string, options?: ErrorOptions) {
      super(`refused: ${reason}`, options);
      this.reason = reason;
    }
  }
  const given = new Refused('a', { cause: new TypeError('inner') });
  const back = await inThread(() => {
    if (!(given instanceof Refused) || !(given.cause instanceof TypeError))
      throw new Error('not the class it was');
    return new Refused(`${given.reason}b`, { cause: given });
  });
  t.true(back instanceof Refused);
  t.is(back.reason, 'ab');
  t.is(back.message, 'refused: ab');
  t.true(back.cause instanceof Refused);
});

test('a function that comes back is the one it was', async (t) => {
  const helper = () => 1;
  t.is(await inThread(() => helper), helper);
  const made = await inThread((n: number) => () => n + helper(), 2);
  t.is(made(), 3);
});

for (const [what, make] of [
  ['a WeakMap', () => new WeakMap()],
  ['a Promise', () => Promise.resolve(1)],
  ['a stream', () => process.stdin],
  ['a WeakRef', () => new WeakRef({})],
  ['an AbortSignal', () => new AbortController().signal],
  ['a running generator', () => (function* () {})()],
  [
    'an instance with private members',
    () =>
      new (class Safe {
        #code = 1;
        open = () => this.#code;
      })(),
  ],
] as const) {
  test(`${what} can't travel, and the error says where it is`, async (t) => {
    const config = { inner: { thing: make() as unknown } };
    const error = await t.throwsAsync(
      inThread(function useIt() {
        return config.inner.thing;
      }),
      { code: 'ERR_CLOSURE' },
    );
    t.regex(error.message, /variable 'config\.inner\.thing[^']*' of function 'useIt'/);
    t.regex(error.message, /values\.test\.(js|ts):\d+:\d+/);
  });
}
