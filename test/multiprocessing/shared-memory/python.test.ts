import { existsSync } from 'node:fs';
import test from 'ava';
import { ShareableList, SharedMemory } from 'prong/multiprocessing';
import { python } from '../../helpers/connection.js';
import { leavesNothing } from '../../helpers/leaks.js';

const PEER = 'test/fixtures/shared-memory/peer.py';
const serial = (name: string, body: Parameters<typeof leavesNothing>[0]) =>
  test.serial(name, leavesNothing(body));

serial('Python attaches to ours', async (t) => {
  const memory = new SharedMemory({ create: true, size: 1234 });
  memory.buf.write('hello');
  const peer = python(PEER, ['attach', memory.name]);
  t.is(await peer.line(), '1234 hello');
  t.deepEqual(await peer.ended, { code: 0, stderr: '' });
  t.is(memory.buf.toString('latin1', 0, 5), 'PRONG');
  memory.close();
  memory.unlink();
});

serial("we attach to Python's", async (t) => {
  const name = `prong-python-${process.pid}`;
  const peer = python(PEER, ['create', name]);
  t.is(await peer.line(), 'ready');
  const memory = new SharedMemory({ name });
  t.is(memory.size, 1000);
  t.is(memory.buf.toString('latin1', 0, 6), 'python');
  memory.buf.write('prong!');
  memory.close();
  peer.tell('go on');
  t.is(await peer.line(), 'prong!');
  t.deepEqual(await peer.ended, { code: 0, stderr: '' });
  t.false(existsSync(`/dev/shm/${name}`));
});

serial('Python reads and writes our list', async (t) => {
  const list = new ShareableList([
    'eleven bytes',
    2n ** 60n,
    2.5,
    null,
    true,
    'grün',
    Buffer.from('12345678'),
    -7,
  ]);
  const peer = python(PEER, ['read-list', list.shm.name]);
  t.is(
    await peer.line(),
    "['eleven bytes', 1152921504606846976, 2.5, None, True, 'grün', b'12345678', -7] 16sqdxxxxxx?xxxxxxxx?8s16sq",
  );
  t.deepEqual(await peer.ended, { code: 0, stderr: '' });
  t.deepEqual([...list], ['seven!!', 2n ** 60n, null, null, 2n ** 62n, 'grün', Buffer.from('by'), -7]);
  list.shm.close();
  list.shm.unlink();
});

serial("we read and write Python's list", async (t) => {
  const name = `prong-list-${process.pid}`;
  const peer = python(PEER, ['write-list', name]);
  const format = await peer.line();
  const list = new ShareableList(undefined, { name });
  t.is(list.format, format);
  t.deepEqual(
    [...list],
    [
      1,
      -(2n ** 63n),
      2.5,
      true,
      false,
      null,
      'text',
      Buffer.from('bytes'),
      '',
      'x'.repeat(8),
      'grün'.repeat(3),
    ],
  );
  list[0] = 'eight!!!';
  list[5] = 0.5;
  list[6] = false;
  list[8] = 5;
  list.shm.close();
  peer.tell('go on');
  t.is(
    await peer.line(),
    "['eight!!!', -9223372036854775808, 2.5, True, False, 0.5, False, b'bytes', 5, 'xxxxxxxx', 'grüngrüngrün']",
  );
  t.deepEqual(await peer.ended, { code: 0, stderr: '' });
});
