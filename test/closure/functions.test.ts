import test from 'ava';
import { inThread } from '../helpers/in-thread.js';

let hits = 0;
const hit = () => {
  hits++;
};
const readHits = () => hits;

function isEven(n: number): boolean {
  return n === 0 ? true : isOdd(n - 1);
}
function isOdd(n: number): boolean {
  return n === 0 ? false : isEven(n - 1);
}

test('functions that write a variable share it, and the original stays', async (t) => {
  const seen = await inThread(() => {
    hit();
    hit();
    return readHits();
  });
  t.is(seen, 2);
  t.is(hits, 0);
});

test('mutual recursion and self-reference', async (t) => {
  const factorial = (n: number): number => (n < 2 ? 1 : n * factorial(n - 1));
  t.deepEqual(await inThread(() => [isEven(10), isOdd(7), factorial(5)]), [true, true, 120]);
});

test('two counters of one factory stay two', async (t) => {
  const makeCounter = () => {
    let n = 0;
    return { add: () => ++n, get: () => n };
  };
  const a = makeCounter();
  const b = makeCounter();
  t.deepEqual(
    await inThread(() => {
      a.add();
      a.add();
      b.add();
      return [a.get(), b.get()];
    }),
    [2, 1],
  );
});

test('async functions, generators, methods, accessors, defaults, bound functions', async (t) => {
  const base = 10;
  async function later(n = base) {
    await null;
    return n;
  }
  function* count() {
    yield base;
    yield* [1, 2];
  }
  async function* countLater() {
    yield await later(3);
  }
  const key = 'computed';
  const object = {
    n: base,
    method(k: number) {
      return this.n + k;
    },
    get half() {
      return this.n / 2;
    },
    [key]() {
      return key;
    },
    *[Symbol.iterator]() {
      yield this.n;
    },
  };
  const bound = function (this: { x: number }, a: number, b: number) {
    return this.x + a + b;
  }.bind({ x: 1 }, 2);
  const result = await inThread(async () => {
    const later3: number[] = [];
    for await (const n of countLater()) later3.push(n);
    return [
      await later(),
      [...count()],
      later3,
      object.method(1),
      object.half,
      object[key](),
      [...object],
      bound(3),
    ];
  });
  t.deepEqual(result, [10, [10, 1, 2], [3], 11, 5, 'computed', [10], 6]);
});

test('classes: methods, statics, private members, chains of extends', async (t) => {
  const label = 'base';
  class Base {
    static made = 0;
    static #secret = 5;
    #value = 1;
    static reveal() {
      return Base.#secret;
    }
    constructor() {
      Base.made++;
    }
    describe() {
      return `${label}:${this.#value}`;
    }
  }
  class Derived extends Base {
    extra = 2;
    override describe() {
      return `${super.describe()}+${this.extra}`;
    }
  }
  new Base();
  const result = await inThread(() => {
    const made = new Derived();
    return [made.describe(), made instanceof Base, Base.made, Base.reveal(), Derived.name];
  });
  t.deepEqual(result, ['base:1+2', true, 2, 5, 'Derived']);
  t.is(Base.made, 1);
});

test('instances keep their class', async (t) => {
  class Point {
    constructor(
      readonly x: number,
      readonly y: number,
    ) {}
    norm() {
      return Math.hypot(this.x, this.y);
    }
  }
  const points = [new Point(3, 4), new Point(6, 8)];
  const back = await inThread(() => {
    if (!points.every((point) => point instanceof Point)) throw new Error('not the class');
    return points.map((point) => new Point(point.norm(), 0));
  });
  t.true(back[0] instanceof Point);
  t.deepEqual(
    back.map((point) => point.norm()),
    [5, 10],
  );
});

test('old-style constructors and function properties', async (t) => {
  // biome-ignore lint/suspicious/noExplicitAny: prototypes by hand
  const Old: any = function (this: { a: number }, a: number) {
    this.a = a;
  };
  Old.prototype.get = function () {
    return this.a + Old.offset;
  };
  Old.offset = 1;
  const made = new Old(4);
  t.deepEqual(await inThread(() => [made.get(), made instanceof Old]), [5, true]);
});

test('names that clash with nothing', async (t) => {
  const v = 1;
  const set = 2;
  const args = 3;
  const exports = 4;
  t.deepEqual(await inThread(() => [v, set, args, exports]), [1, 2, 3, 4]);
});

test('a stack in a thread names the file, line and column of the source', async (t) => {
  const fail = () => {
    throw new Error('here');
  };
  const catchIt = () => {
    try {
      fail();
    } catch (error) {
      return (error as Error).stack?.split('\n')[1]?.trim();
    }
    return '';
  };
  const place = await inThread(catchIt);
  t.regex(place ?? '', /^at fail \(.*functions\.test\.[jt]s:\d+:\d+\)$/);
  t.is(place?.replace('file://', ''), catchIt()?.replace('file://', ''));
});

test('what only the surroundings of a function know is an error', async (t) => {
  class Job {
    name = 'job';
    task = () => this.name;
  }
  await t.throwsAsync(inThread(new Job().task), { code: 'ERR_CLOSURE', message: /`this`/ });
  const child = {
    __proto__: { hello: () => 'x' },
    hello(): string {
      return super.hello();
    },
  };
  await t.throwsAsync(inThread(child.hello), { code: 'ERR_CLOSURE', message: /`super`/ });
});
