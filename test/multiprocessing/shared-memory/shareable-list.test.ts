import test from 'ava';
import { reviveHandles, ShareableList, SharedMemory } from 'prong/multiprocessing';
import { leavesNothing } from '../../helpers/leaks.js';

const serial = (name: string, body: Parameters<typeof leavesNothing>[0]) =>
  test.serial(name, leavesNothing(body));

function end(list: ShareableList): void {
  list.shm.close();
  list.shm.unlink();
}

serial('items of every type are read and replaced', (t) => {
  const values = [
    1,
    -1.5,
    true,
    false,
    null,
    'text',
    Buffer.from('bytes'),
    2n ** 62n,
    Number.MAX_VALUE,
    -0,
    '',
  ];
  const list = new ShareableList(values);
  t.is(list.length, values.length);
  t.deepEqual([...list], values);
  t.is(list[5], 'text');
  t.is(list.at(-2), -0);
  t.is(list[values.length], undefined);
  t.is(list.at(-100), undefined);
  t.is(list.format, 'qdxxxxxxx?xxxxxxx?xxxxxx?x8s8sqdd8s');
  const other = new ShareableList({ name: list.shm.name });
  other[0] = 'a string';
  other[5] = 7;
  other[6] = null;
  t.deepEqual([list[0], list[5], list[6]], ['a string', 7, null]);
  list[5] = 'again';
  t.is(other.at(5), 'again');
  t.throws(
    () => {
      list[5] = 'nine byte';
    },
    { code: 'ERR_OUT_OF_RANGE' },
  );
  t.throws(
    () => {
      list[99] = 1;
    },
    { code: 'ERR_OUT_OF_RANGE' },
  );
  t.throws(
    () => {
      list[0] = undefined as never;
    },
    { code: 'ERR_INVALID_ARG_TYPE' },
  );
  t.throws(
    () => {
      list[0] = {} as never;
    },
    { code: 'ERR_INVALID_ARG_TYPE' },
  );
  t.throws(
    () => {
      list[0] = 2n ** 63n;
    },
    { code: 'ERR_OUT_OF_RANGE' },
  );
  t.deepEqual([list[0], list[5]], ['a string', 'again']);
  other.shm.close();
  end(list);
});

serial('count and index', (t) => {
  const list = new ShareableList([1, 'a', null, 1, Buffer.from('b'), true]);
  t.deepEqual(
    [list.count(1), list.count('a'), list.count(null), list.count(Buffer.from('b')), list.count(2)],
    [2, 1, 1, 1, 0],
  );
  t.deepEqual(
    [list.index(1), list.index(null), list.index(Buffer.from('b')), list.index(true)],
    [0, 2, 4, 5],
  );
  t.throws(() => list.index('z'), { code: 'ERR_INVALID_ARG_VALUE' });
  end(list);
});

serial('an empty list, and handles', (t) => {
  const empty = new ShareableList();
  t.deepEqual([empty.length, [...empty], empty.format], [0, [], '']);
  const { empty: same } = reviveHandles(structuredClone({ empty })) as { empty: ShareableList };
  t.is(same.length, 0);
  same.shm.close();
  end(empty);
});

serial('wrong arguments, and memory that holds no list', (t) => {
  t.throws(() => new ShareableList(5 as never), { code: 'ERR_INVALID_ARG_TYPE' });
  t.throws(() => new ShareableList([() => 1] as never), { code: 'ERR_INVALID_ARG_TYPE' });
  t.throws(() => new ShareableList({ name: 'prong-nowhere' }), { code: 'ENOENT' });
  const memory = new SharedMemory({ create: true, size: 64 });
  memory.buf.fill(0xff);
  t.throws(() => new ShareableList({ name: memory.name }), { code: 'EBADMSG' });
  memory.buf.writeBigInt64LE(2n ** 40n);
  t.throws(() => new ShareableList({ name: memory.name }), { code: 'EBADMSG' });
  memory.buf.fill(0).writeBigInt64LE(3n);
  t.throws(() => new ShareableList({ name: memory.name }), { code: 'EBADMSG' });
  memory.close();
  memory.unlink();
  const list = new ShareableList([1]);
  list.shm.close();
  t.throws(() => list[0], { code: 'ERR_CLOSED' });
  list.shm.unlink();
});
