import { closeSync, existsSync, openSync, readdirSync, unlinkSync, writeFileSync } from 'node:fs';
import test from 'ava';
import { Pipe, reviveHandles, SharedMemory } from 'prong/multiprocessing';
import { inThread } from '../../helpers/in-thread.js';
import { leavesNothing } from '../../helpers/leaks.js';

const before = readdirSync('/dev/shm');
const serial = (name: string, body: Parameters<typeof leavesNothing>[0]) =>
  test.serial(name, leavesNothing(body));
const fresh = (what: string) => `prong-test-${process.pid}-${what}`;

test.after.always('no name is left', (t) => {
  t.deepEqual(
    readdirSync('/dev/shm').filter((name) => !before.includes(name) && name.includes(String(process.pid))),
    [],
  );
});

serial('one memory under one name', (t) => {
  const memory = new SharedMemory({ create: true, size: 100 });
  t.regex(memory.name, /^psm_[0-9a-f]{8}$/);
  t.is(memory.size, 100);
  t.is(memory.buf.length, 100);
  t.true(memory.buf.every((byte) => byte === 0));
  const other = new SharedMemory({ name: memory.name });
  const slashed = new SharedMemory({ name: `/${memory.name}`, create: false });
  memory.buf[99] = 7;
  t.deepEqual([other.buf[99], slashed.buf[99], other.size, slashed.name], [7, 7, 100, memory.name]);
  new Float64Array(other.buf.buffer, 0, 2)[1] = 0.5;
  t.is(memory.buf.readDoubleLE(8), 0.5);
  memory.close();
  memory.close();
  t.is(other.buf[99], 7);
  other.unlink();
  t.throws(() => other.unlink(), { code: 'ENOENT' });
  t.is(slashed.buf[99], 7);
  other.close();
  slashed.close();
});

serial('what looks at closed memory finds nothing, and nothing crashes', (t) => {
  const memory = new SharedMemory({ create: true, size: 4096 });
  const { buf } = memory;
  const words = new Int32Array(buf.buffer, 0, 4);
  const part = buf.subarray(10, 20);
  memory.close();
  t.true(memory.closed);
  t.deepEqual(
    [buf.length, words.length, part.length, buf.buffer.byteLength, memory.buf.length],
    [0, 0, 0, 0, 0],
  );
  t.is(buf[0], undefined);
  buf[0] = 1;
  t.throws(() => buf.readUInt8(0), { instanceOf: RangeError });
  t.is(memory.size, 4096);
  memory.unlink();
});

serial('errors', (t) => {
  const name = fresh('errors');
  const memory = new SharedMemory({ name, create: true, size: 1 });
  const taken = t.throws(() => new SharedMemory({ name, create: true, size: 1 }), { code: 'EEXIST' });
  t.like(taken, { syscall: 'shm_open', path: `/${name}`, errno: -17 });
  memory.unlink();
  const none = t.throws(() => new SharedMemory({ name }), { code: 'ENOENT' });
  t.like(none, { syscall: 'shm_open', path: `/${name}`, errno: -2 });
  memory.close();
  writeFileSync(`/dev/shm/${name}`, '');
  t.throws(() => new SharedMemory({ name }), { code: 'EINVAL' });
  unlinkSync(`/dev/shm/${name}`);
  const tooLarge = t.throws(
    () => new SharedMemory({ name, create: true, size: 2 ** 50 }),
  ) as NodeJS.ErrnoException;
  t.true(['ENOSPC', 'EFBIG', 'ENOMEM'].includes(tooLarge.code!), tooLarge.code);
  t.false(existsSync(`/dev/shm/${name}`));
});

serial('wrong arguments', (t) => {
  const cases: [unknown, string][] = [
    [undefined, 'ERR_INVALID_ARG_TYPE'],
    [{}, 'ERR_INVALID_ARG_VALUE'],
    [{ create: true }, 'ERR_INVALID_ARG_TYPE'],
    [{ create: true, size: 0 }, 'ERR_OUT_OF_RANGE'],
    [{ create: true, size: -1 }, 'ERR_OUT_OF_RANGE'],
    [{ create: true, size: 1.5 }, 'ERR_OUT_OF_RANGE'],
    [{ create: true, size: '1' }, 'ERR_INVALID_ARG_TYPE'],
    [{ create: 1, size: 1 }, 'ERR_INVALID_ARG_TYPE'],
    [{ name: 5 }, 'ERR_INVALID_ARG_TYPE'],
    [{ name: '' }, 'ERR_INVALID_ARG_VALUE'],
    [{ name: 'a/b' }, 'ERR_INVALID_ARG_VALUE'],
    [{ name: '..' }, 'ERR_INVALID_ARG_VALUE'],
    [{ name: 'a\0b' }, 'ERR_INVALID_ARG_VALUE'],
    [{ name: 'x'.repeat(256) }, 'ERR_INVALID_ARG_VALUE'],
    [{ name: 'x', track: 'yes' }, 'ERR_INVALID_ARG_TYPE'],
  ];
  for (const [options, code] of cases) t.throws(() => new SharedMemory(options as never), { code });
});

serial('a handle finds the same memory', async (t) => {
  const memory = new SharedMemory({ create: true, size: 8 });
  memory.buf[0] = 1;
  const { memory: revived } = reviveHandles(structuredClone({ memory })) as { memory: SharedMemory };
  t.is(revived.buf[0], 1);
  revived.close();
  const [a, b] = Pipe();
  await a.send([memory]);
  const [received] = (await b.recv()) as [SharedMemory];
  received.buf[1] = 2;
  received.close();
  a.close();
  b.close();
  const seen = await inThread((shared: SharedMemory) => {
    memory.buf[2] = 3;
    return [...shared.buf];
  }, memory);
  t.deepEqual(seen.slice(0, 3), [1, 2, 3]);
  t.is(memory.buf[2], 3);
  memory.close();
  memory.unlink();
});

serial('a name that somebody else has taken since is left alone', (t) => {
  const name = fresh('again');
  const memory = new SharedMemory({ name, create: true, size: 8 });
  unlinkSync(`/dev/shm/${name}`);
  closeSync(openSync(`/dev/shm/${name}`, 'wx'));
  t.throws(() => new SharedMemory({ name, create: true, size: 8 }), { code: 'EEXIST' });
  memory.close();
  unlinkSync(`/dev/shm/${name}`);
  t.throws(() => memory.unlink(), { code: 'ENOENT' });
});
