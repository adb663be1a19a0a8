import { readFileSync } from 'node:fs';
import test from 'ava';
import { close, closerange, dup, dup2, pipe, read, write } from 'prong/posix';
import { leavesNothing, openFds } from '../helpers/leaks.js';
import { runNode } from '../helpers/program.js';

const CLOEXEC = 0o2000000;
const closesOnExec = (fd: number) => {
  const flags = /flags:\s+(\d+)/.exec(readFileSync(`/proc/self/fdinfo/${fd}`, 'utf8'))?.[1] as string;
  return (Number.parseInt(flags, 8) & CLOEXEC) !== 0;
};

test.serial(
  'a pipe carries bytes to its end',
  leavesNothing((t) => {
    const [from, to] = pipe();
    t.is(write(to, 'grüß'), 6);
    t.is(write(to, new Uint16Array([0x4141, 0x4242])), 4);
    t.is(write(to, new DataView(new ArrayBuffer(1))), 1);
    t.is(write(to, new ArrayBuffer(1)), 1);
    t.is(write(to, ''), 0);
    t.is(read(from, 0).length, 0);
    t.is(read(from, 4).toString(), 'grü');
    t.deepEqual([...read(from, 100)], [0xc3, 0x9f, 0x41, 0x41, 0x42, 0x42, 0, 0]);
    close(to);
    t.is(read(from, 1 << 20).length, 0);
    close(from);
  }),
);

test.serial(
  'descriptors are close-on-exec unless inheritable',
  leavesNothing((t) => {
    const plain = pipe();
    const kept = pipe({ inheritable: true });
    const made = [...plain, ...kept, dup(plain[0]), dup(plain[0], { inheritable: true })];
    t.deepEqual(made.map(closesOnExec), [true, true, false, false, true, false]);
    const target = made[4] as number;
    t.is(dup2(kept[0], target), target);
    t.true(closesOnExec(target));
    t.is(dup2(kept[0], target, { inheritable: true }), target);
    t.false(closesOnExec(target));
    t.is(dup2(target, target), target);
    t.true(closesOnExec(target));
    for (const fd of made) close(fd);
  }),
);

test.serial(
  'closerange closes what is open, up to its end',
  leavesNothing((t) => {
    const [first] = pipe();
    const fds = Array.from({ length: 8 }, (_, i) => dup2(first, 500 + 2 * i));
    closerange(500, 514);
    t.deepEqual(
      fds.filter((fd) => openFds().has(fd)),
      [514],
    );
    closerange(514, 514);
    closerange(600, 500);
    t.true(openFds().has(514));
    closerange(514, 515);
    t.false(openFds().has(514));
    close(first);
    close(first + 1);
  }),
);

test('closerange leaves the event loop what it needs', async (t) => {
  const { stdout, stderr, code } = await runNode('test/fixtures/posix/closerange.js');
  t.is(stderr, '');
  t.deepEqual(stdout.trim().split('\n'), ['true true child', 'true true child', '0']);
  t.is(code, 0);
});

test('failures of the system', (t) => {
  const wrong = 9999;
  t.throws(() => close(wrong), { code: 'EBADF' });
  t.throws(() => dup(wrong), { code: 'EBADF' });
  t.throws(() => dup2(wrong, 3), { code: 'EBADF' });
  t.throws(() => dup2(wrong, wrong), { code: 'EBADF' });
  t.throws(() => read(wrong, 1), { code: 'EBADF' });
  const error = t.throws(() => write(wrong, 'x'), { code: 'EBADF' }) as NodeJS.ErrnoException;
  t.is(error.syscall, 'write');
  t.is(error.errno, -9);
  const [from, to] = pipe();
  close(from);
  t.throws(() => write(to, 'x'), { code: 'EPIPE' });
  close(to);
});

test('bad arguments', (t) => {
  for (const fd of ['0', undefined, null, 1n]) {
    t.throws(() => close(fd as never), { instanceOf: TypeError });
    t.throws(() => read(fd as never, 1), { instanceOf: TypeError });
    t.throws(() => dup2(0, fd as never), { instanceOf: TypeError });
    t.throws(() => closerange(500, fd as never), { instanceOf: TypeError });
  }
  for (const fd of [-1, 0.5, Number.NaN, 2 ** 31]) {
    t.throws(() => dup(fd), { instanceOf: RangeError });
    t.throws(() => write(fd, 'x'), { instanceOf: RangeError });
    t.throws(() => closerange(fd, 600), { instanceOf: RangeError });
  }
  t.throws(() => read(0, -1), { instanceOf: RangeError });
  t.throws(() => read(0, 2 ** 31), { instanceOf: RangeError });
  t.throws(() => write(1, 5 as never), { instanceOf: TypeError });
  t.throws(() => pipe({ inheritable: 1 as never }), { instanceOf: TypeError });
  t.throws(() => pipe(null as never), { instanceOf: TypeError });
});
