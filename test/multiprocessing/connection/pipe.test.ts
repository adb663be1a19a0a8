import test from 'ava';
import { Connection, connectionWait, connectionWaitSync, Lock, Pipe } from 'prong/multiprocessing';
import { close, pipe, write } from 'prong/posix';
import { leavesNothing } from '../../helpers/leaks.js';

const serial = (name: string, body: Parameters<typeof leavesNothing>[0]) =>
  test.serial(name, leavesNothing(body));

serial('values arrive as they were sent, in order', async (t) => {
  const [a, b] = Pipe();
  const values = [
    1,
    'two',
    null,
    undefined,
    [3],
    { four: new Map([[4, new Set([4n])]]) },
    new Date(5),
    Buffer.from('6'),
  ];
  for (const value of values) await a.send(value);
  for (const value of values) {
    const got = await b.recv();
    if (value instanceof Uint8Array) t.deepEqual(Buffer.from(got as Uint8Array), value);
    else t.deepEqual(got, value);
  }
  b.sendSync('back');
  t.is(a.recvSync(), 'back');
  a.close();
  b.close();
});

serial('receivers that came first are served first', async (t) => {
  const [a, b] = Pipe();
  const got = [b.recv(), b.recv(), b.recvBytes()];
  await a.send(1);
  await a.send(2);
  await a.sendBytes('3');
  t.deepEqual(await Promise.all(got), [1, 2, Buffer.from('3')]);
  const first = b.recv();
  await a.send('first');
  await a.send('second');
  t.is(b.recvSync(), 'second');
  t.is(await first, 'first');
  a.close();
  b.close();
});

serial('large messages go through both ways at once', async (t) => {
  const [a, b] = Pipe();
  const large = Buffer.alloc(8_000_000, 'prong');
  const [, , one, two] = await Promise.all([
    a.sendBytes(large),
    b.sendBytes(large),
    a.recvBytes(),
    b.recvBytes(),
  ]);
  t.true(one.equals(large));
  t.true(two.equals(large));
  const sent = a.send(large);
  t.is(b.recvSync({ timeout: 20_000 }) !== undefined, true);
  await sent;
  a.close();
  b.close();
});

serial('a part of a buffer can be sent', async (t) => {
  const [a, b] = Pipe();
  await a.sendBytes('0123456789', { offset: 3 });
  await a.sendBytes(Buffer.from('0123456789'), { offset: 3, size: 2 });
  await a.sendBytes(new Uint16Array([0x4141]));
  await a.sendBytes(new ArrayBuffer(2));
  t.deepEqual(
    [await b.recvBytes(), await b.recvBytes(), await b.recvBytes(), await b.recvBytes()].map(String),
    ['3456789', '34', 'AA', '\0\0'],
  );
  a.close();
  b.close();
});

serial('a pipe of one direction', async (t) => {
  const [reader, writer] = Pipe({ duplex: false });
  t.deepEqual(
    [reader.readable, reader.writable, writer.readable, writer.writable],
    [true, false, false, true],
  );
  await writer.send(1);
  t.is(await reader.recv(), 1);
  await t.throwsAsync(reader.send(1), { code: 'EBADF' });
  t.throws(() => reader.sendBytesSync('x'), { code: 'EBADF' });
  await t.throwsAsync(writer.recv(), { code: 'EBADF' });
  t.throws(() => writer.pollSync(), { code: 'EBADF' });
  reader.close();
  writer.close();
});

serial('the end', async (t) => {
  const [a, b] = Pipe();
  await a.send('last');
  a.close();
  t.true(a.closed);
  t.true(await b.poll());
  t.is(await b.recv(), 'last');
  t.true(b.pollSync());
  await t.throwsAsync(b.recv(), { name: 'EOFError', code: 'EOF' });
  t.throws(() => b.recvSync(), { name: 'EOFError', code: 'EOF' });
  await t.throwsAsync(b.send(1), { code: 'EPIPE', message: /write$/ });
  t.throws(() => b.sendBytesSync('x'), { code: 'EPIPE' });
  b.close();
  b.close();
  const [c, d] = Pipe();
  const waiting = [c.recv(), c.recvBytes(), c.poll({ timeout: undefined })];
  setImmediate(() => d.close());
  await t.throwsAsync(waiting[0]!, { code: 'EOF' });
  await t.throwsAsync(waiting[1]!, { code: 'EOF' });
  t.true(await waiting[2]);
  c.close();
});

serial('a closed connection', async (t) => {
  const [a, b] = Pipe();
  const waiting = [a.recv(), a.poll({ timeout: 60_000 }), a.sendBytes(Buffer.alloc(10_000_000))];
  a.close();
  for (const wait of waiting) await t.throwsAsync(wait, { code: 'ERR_CLOSED' });
  await t.throwsAsync(a.recv(), { code: 'ERR_CLOSED' });
  await t.throwsAsync(a.send(1), { code: 'ERR_CLOSED' });
  for (const use of [() => a.recvSync(), () => a.sendSync(1), () => a.pollSync(), () => a.fileno()]) {
    t.throws(use, { code: 'ERR_CLOSED' });
  }
  await t.throwsAsync(connectionWait([a]), { code: 'ERR_CLOSED' });
  b.close();
});

serial('time limits', async (t) => {
  const [a, b] = Pipe();
  await t.throwsAsync(b.recv({ timeout: 0 }), { code: 'ETIMEDOUT', name: 'TimeoutError' });
  await t.throwsAsync(b.recv({ timeout: 20 }), { code: 'ETIMEDOUT' });
  t.throws(() => b.recvSync({ timeout: 0 }), { code: 'ETIMEDOUT' });
  t.throws(() => b.recvBytesSync({ timeout: 20 }), { code: 'ETIMEDOUT' });
  t.false(await b.poll());
  t.false(await b.poll({ timeout: 20 }));
  t.false(b.pollSync({ timeout: 20 }));
  t.false(b.pollSync());
  // What was given up took nothing along.
  await a.send('whole');
  t.is(await b.recv({ timeout: 1000 }), 'whole');
  a.close();
  b.close();
});

serial('a send that runs out of time leaves the stream whole', async (t) => {
  const large = Buffer.alloc(3_000_000, 1);
  for (const sync of [false, true]) {
    const [a, b] = Pipe();
    if (sync) t.throws(() => a.sendBytesSync(large, { timeout: 20 }), { code: 'ETIMEDOUT' });
    else await t.throwsAsync(a.sendBytes(large, { timeout: 20 }), { code: 'ETIMEDOUT' });
    // It had begun, so it arrives; one that had not begun does not.
    await t.throwsAsync(a.sendBytes('never', { timeout: 10 }), { code: 'ETIMEDOUT' });
    const last = a.sendBytes('last');
    t.is((await b.recvBytes()).length, large.length);
    t.is((await b.recvBytes()).toString(), 'last');
    await last;
    a.close();
    b.close();
  }
});

serial('maxlength', async (t) => {
  for (const sync of [false, true]) {
    const [a, b] = Pipe();
    await a.sendBytes('12345');
    await a.sendBytes('12345');
    t.is((await b.recvBytes(5)).length, 5);
    if (sync) t.throws(() => b.recvBytesSync({ maxlength: 4 }), { code: 'EMSGSIZE' });
    else await t.throwsAsync(b.recvBytes(4), { code: 'EMSGSIZE' });
    await t.throwsAsync(b.recv(), { code: 'EMSGSIZE' });
    await b.send('still sends');
    t.is(await a.recv(), 'still sends');
    a.close();
    b.close();
  }
});

serial('the event loop turns while messages pour in', async (t) => {
  const [a, b] = Pipe();
  let ticks = 0;
  const timer = setInterval(() => ticks++, 1);
  for (let i = 0; i < 100_000 && ticks === 0; i++) {
    await a.send(1);
    await b.recv();
  }
  clearInterval(timer);
  t.true(ticks > 0);
  a.close();
  b.close();
});

serial('iteration ends with the other end', async (t) => {
  const [a, b] = Pipe();
  const got: unknown[] = [];
  const reading = (async () => {
    for await (const value of b) got.push(value);
  })();
  for (let i = 0; i < 5; i++) await a.send(i);
  a.close();
  await reading;
  t.deepEqual(got, [0, 1, 2, 3, 4]);
  b.close();
});

serial('primitives and connections travel', async (t) => {
  const [a, b] = Pipe();
  const [c, d] = Pipe();
  const lock = new Lock();
  await a.send({ lock, ends: [c, { c }] });
  c.close();
  const { lock: same, ends } = (await b.recv()) as { lock: Lock; ends: [Connection, { c: Connection }] };
  t.is(same, lock);
  t.true(ends[0] instanceof Connection);
  await ends[0].send('one');
  await ends[1].c.send('two');
  t.deepEqual([await d.recv(), await d.recv()], ['one', 'two']);
  ends[0].close();
  ends[1].c.close();
  await t.throwsAsync(d.recv(), { code: 'EOF' });
  // One that nobody looks at goes away with its message.
  const [e, f] = Pipe();
  await a.send(e);
  e.close();
  await b.recvBytes();
  await a.send(1);
  await b.recv();
  await t.throwsAsync(f.recv(), { code: 'EOF' });
  for (const connection of [a, b, d, f]) connection.close();
});

serial('what cannot be cloned is an error, and nothing is sent', async (t) => {
  const [a, b] = Pipe();
  const [c, d] = Pipe();
  await t.throwsAsync(a.send(() => 1));
  await t.throwsAsync(a.send({ c, bad: Symbol('x') }));
  t.throws(() => a.sendSync([() => 1]));
  t.false(b.pollSync());
  for (const connection of [a, b, c, d]) connection.close();
});

serial('wrong arguments', async (t) => {
  const [a, b] = Pipe();
  await t.throwsAsync(a.recv({ timeout: -1 }), { code: 'ERR_OUT_OF_RANGE' });
  await t.throwsAsync(a.recv({ timeout: Number.NaN }), { code: 'ERR_OUT_OF_RANGE' });
  await t.throwsAsync(a.recv('x' as never), { code: 'ERR_INVALID_ARG_TYPE' });
  await t.throwsAsync(a.recvBytes(-1), { code: 'ERR_OUT_OF_RANGE' });
  await t.throwsAsync(a.sendBytes(5 as never), { code: 'ERR_INVALID_ARG_TYPE' });
  await t.throwsAsync(a.sendBytes('abc', { offset: 4 }), { code: 'ERR_OUT_OF_RANGE' });
  await t.throwsAsync(a.sendBytes('abc', { offset: 1, size: 3 }), { code: 'ERR_OUT_OF_RANGE' });
  await t.throwsAsync(a.poll({ timeout: 'x' as never }), { code: 'ERR_INVALID_ARG_TYPE' });
  t.throws(() => Pipe({ duplex: 1 as never }), { code: 'ERR_INVALID_ARG_TYPE' });
  t.throws(() => Pipe(null as never), { code: 'ERR_INVALID_ARG_TYPE' });
  t.throws(() => new Connection(-1), { code: 'ERR_OUT_OF_RANGE' });
  t.throws(() => new Connection('3' as never), { code: 'ERR_INVALID_ARG_TYPE' });
  await t.throwsAsync(connectionWait(5 as never), { code: 'ERR_INVALID_ARG_TYPE' });
  await t.throwsAsync(connectionWait([{}] as never), { code: 'ERR_INVALID_ARG_TYPE' });
  t.false(b.pollSync());
  a.close();
  b.close();
});

serial('connectionWait: connections and descriptors mixed', async (t) => {
  const [a, b] = Pipe();
  const [c, d] = Pipe();
  const [from, to] = pipe();
  const all = [b, d, from];
  t.deepEqual(await connectionWait(all, { timeout: 0 }), []);
  t.deepEqual(await connectionWait(all, { timeout: 20 }), []);
  t.deepEqual(connectionWaitSync(all, { timeout: 20 }), []);
  const first = connectionWait(all);
  const second = connectionWait([from, b]);
  setImmediate(() => write(to, 'x'));
  t.deepEqual(await first, [from]);
  t.deepEqual(await second, [from]);
  await a.send(1);
  t.deepEqual(connectionWaitSync(all), [b, from]);
  c.close();
  t.deepEqual(await connectionWait(new Set([b, d])), [b, d]);
  t.deepEqual(await connectionWait([], { timeout: 5 }), []);
  close(from);
  close(to);
  await t.throwsAsync(connectionWait([from]), { code: 'EBADF' });
  for (const connection of [a, b, d]) connection.close();
});

serial('a connection over a plain pipe', async (t) => {
  const [from, to] = pipe();
  const reader = new Connection(from, { writable: false });
  const writer = new Connection(to, { readable: false });
  const large = Buffer.alloc(1_000_000, 3);
  const sent = writer.sendBytes(large);
  t.true((await reader.recvBytes()).equals(large));
  await sent;
  reader.close();
  await t.throwsAsync(writer.sendBytes('x'), { code: 'EPIPE' });
  writer.close();
});
