import { existsSync } from 'node:fs';
import { createConnection } from 'node:net';
import test from 'ava';
import { Client, ClientSync, connectionWait, Listener } from 'prong/multiprocessing';
import { leavesNothing } from '../../helpers/leaks.js';

const serial = (name: string, body: Parameters<typeof leavesNothing>[0]) =>
  test.serial(name, leavesNothing(body));

serial('the kinds of addresses', async (t) => {
  for (const address of [
    undefined,
    `\0prong-${process.pid}`,
    ['127.0.0.1', 0],
    ['localhost', 0],
    ['::1', 0],
  ] as const) {
    const listener = new Listener(address as never);
    const [served, client] = await Promise.all([listener.accept(), Client(listener.address)]);
    await served.send('hello');
    t.is(await client.recv(), 'hello');
    if (typeof address !== 'string' && address !== undefined)
      t.is((listener.lastAccepted as [string, number]).length, 2);
    for (const each of [served, client, listener]) each.close();
  }
  for (const family of ['AF_UNIX', 'AF_INET'] as const) {
    const listener = new Listener({ family });
    t.is(typeof listener.address, family === 'AF_UNIX' ? 'string' : 'object');
    listener.close();
  }
});

serial('the file is there while it listens', (t) => {
  const listener = new Listener();
  t.true(existsSync(listener.address as string));
  t.throws(() => new Listener(listener.address), { code: 'EADDRINUSE' });
  t.true(existsSync(listener.address as string));
  listener.close();
  listener.close();
  t.false(existsSync(listener.address as string));
  t.throws(() => listener.fileno(), { code: 'ERR_CLOSED' });
});

serial('accept: time limits, several at once, close', async (t) => {
  const listener = new Listener();
  await t.throwsAsync(listener.accept({ timeout: 0 }), { code: 'ETIMEDOUT' });
  await t.throwsAsync(listener.accept({ timeout: 10 }), { code: 'ETIMEDOUT' });
  t.throws(() => listener.acceptSync({ timeout: 10 }), { code: 'ETIMEDOUT' });
  const accepts = [listener.accept(), listener.accept()];
  const clients = [await Client(listener.address), ClientSync(listener.address)];
  const served = await Promise.all(accepts);
  const waiting = connectionWait([listener]);
  clients.push(await Client(listener.address));
  t.deepEqual(await waiting, [listener]);
  served.push(listener.acceptSync());
  const last = listener.accept();
  listener.close();
  await t.throwsAsync(last, { code: 'ERR_CLOSED' });
  await t.throwsAsync(listener.accept(), { code: 'ERR_CLOSED' });
  await served[2]!.send(1);
  t.is(await clients[2]!.recv(), 1);
  for (const each of [...served, ...clients]) each.close();
});

serial('keys: the same, another, and one side without', async (t) => {
  const listener = new Listener({ authkey: Buffer.from('key') });
  const good = await Promise.all([listener.accept(), Client(listener.address, { authkey: 'key' })]);
  for (const each of good) each.close();
  const [served, client] = await Promise.allSettled([
    listener.accept(),
    Client(listener.address, { authkey: 'no' }),
  ]);
  for (const each of [served, client]) {
    t.like((each as PromiseRejectedResult).reason, {
      code: 'ERR_AUTHENTICATION',
      name: 'AuthenticationError',
    });
  }
  // A client without a key sends something else than an answer.
  const accepting = t.throwsAsync(listener.accept(), { code: 'ERR_AUTHENTICATION' });
  const keyless = await Client(listener.address);
  await keyless.sendBytes('hello');
  await accepting;
  keyless.close();
  listener.close();

  const open = new Listener();
  const asking = t.throwsAsync(Client(open.address, { authkey: 'key' }), { code: 'ERR_AUTHENTICATION' });
  const trusting = await open.accept();
  await trusting.sendBytes('no challenge');
  await asking;
  trusting.close();
  open.close();
});

serial('who says nothing, goes away or talks nonsense keeps nobody waiting', async (t) => {
  const listener = new Listener({ authkey: 'key', handshakeTimeout: 3000 });
  const connect = () => createConnection(listener.address as string).on('error', () => {});
  const silent = connect();
  const slow = t.throwsAsync(listener.accept(), { code: 'ERR_AUTHENTICATION' });
  const [served, client] = await Promise.all([
    listener.accept(),
    Client(listener.address, { authkey: 'key' }),
  ]);
  served.close();
  client.close();
  await slow;
  for (const nonsense of ['GET / HTTP/1.1\r\nHost: prong\r\n\r\n', '\0\0\xff\xff', '\xff\xff\xff\xff\xff']) {
    const socket = connect();
    socket.write(nonsense, 'latin1');
    await t.throwsAsync(listener.accept(), { code: 'ERR_AUTHENTICATION' });
    socket.destroy();
  }
  const gone = connect();
  gone.once('connect', () => gone.destroy());
  const error = (await t.throwsAsync(listener.accept())) as NodeJS.ErrnoException;
  t.true(['EOF', 'ECONNRESET', 'EPIPE'].includes(error.code!), error.code);
  silent.destroy();
  listener.close();
  await new Promise(setImmediate);
});

serial('connecting where nobody is', async (t) => {
  await t.throwsAsync(Client('/nowhere/prong.sock'), {
    code: 'ENOENT',
    message: /connect '\/nowhere\/prong.sock'/,
  });
  t.throws(() => ClientSync('/nowhere/prong.sock'), { code: 'ENOENT' });
  const listener = new Listener(['127.0.0.1', 0]);
  const { address } = listener;
  listener.close();
  await t.throwsAsync(Client(address), { code: 'ECONNREFUSED' });
  t.throws(() => ClientSync(address), { code: 'ECONNREFUSED' });
  await t.throwsAsync(Client(`/tmp/${'x'.repeat(200)}`), { code: 'ENAMETOOLONG' });
  t.throws(() => new Listener(`/tmp/${'x'.repeat(200)}`), { code: 'ENAMETOOLONG' });
  t.throws(() => new Listener('/nowhere/prong.sock'), { code: 'ENOENT' });
});

serial('a full queue of a listener', async (t) => {
  const listener = new Listener({ backlog: 0 });
  const waiting = await Client(listener.address);
  await t.throwsAsync(Client(listener.address, { timeout: 30 }), { code: 'ETIMEDOUT' });
  t.throws(() => ClientSync(listener.address, { timeout: 30 }), { code: 'ETIMEDOUT' });
  const second = Client(listener.address);
  const served = [await listener.accept(), await listener.accept()];
  for (const each of [waiting, await second, ...served, listener]) each.close();
});

serial('wrong arguments', async (t) => {
  t.throws(() => new Listener(5 as never), { code: 'ERR_INVALID_ARG_TYPE' });
  t.throws(() => new Listener(''), { code: 'ERR_INVALID_ARG_VALUE' });
  t.throws(() => new Listener('a\0b'), { code: 'ERR_INVALID_ARG_VALUE' });
  t.throws(() => new Listener(['127.0.0.1', 65536]), { code: 'ERR_OUT_OF_RANGE' });
  t.throws(() => new Listener(['127.0.0.1'] as never), { code: 'ERR_INVALID_ARG_TYPE' });
  t.throws(() => new Listener({ family: 'AF_PIPE' as never }), { code: 'ERR_INVALID_ARG_VALUE' });
  t.throws(() => new Listener('/tmp/x', { family: 'AF_INET' }), { code: 'ERR_INVALID_ARG_VALUE' });
  t.throws(() => new Listener({ authkey: 5 as never }), { code: 'ERR_INVALID_ARG_TYPE' });
  t.throws(() => new Listener({ backlog: -1 }), { code: 'ERR_OUT_OF_RANGE' });
  await t.throwsAsync(Client(undefined as never), { code: 'ERR_INVALID_ARG_TYPE' });
  await t.throwsAsync(Client(['127.0.0.1', 1], { authkey: '' }), { code: 'ERR_INVALID_ARG_VALUE' });
  await t.throwsAsync(Client(['127.0.0.1', 1], { timeout: -1 }), { code: 'ERR_OUT_OF_RANGE' });
});
