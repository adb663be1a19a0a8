import test, { type ExecutionContext } from 'ava';
import { Client, type Connection, Listener } from 'prong/multiprocessing';
import { python } from '../../helpers/connection.js';
import { leavesNothing } from '../../helpers/leaks.js';

const PEER = 'test/fixtures/connection/peer.py';
const SIZES = [0, 1, 3, 4, 1000, 16384, 16385, 65536, 65537, 3_000_000];

async function talk(t: ExecutionContext, connection: Connection, sync: boolean): Promise<void> {
  for (const message of ['', 'x', 'hello', 'a'.repeat(100_000)]) {
    const back = [...message].reverse().join('');
    if (sync) {
      connection.sendBytesSync(message);
      t.is(connection.recvBytesSync().toString(), back);
    } else {
      await connection.sendBytes(message);
      t.is((await connection.recvBytes()).toString(), back);
    }
  }
  await connection.sendBytes('done');
  for (const size of SIZES) {
    const message = sync ? connection.recvBytesSync() : await connection.recvBytes();
    t.true(message.equals(Buffer.alloc(size, size % 251)), `${size} bytes`);
  }
  if (sync) t.throws(() => connection.recvBytesSync(), { code: 'EOF', name: 'EOFError' });
  else await t.throwsAsync(connection.recvBytes(), { code: 'EOF', name: 'EOFError' });
  connection.close();
}

const addressOf = (address: unknown): string =>
  Array.isArray(address) ? `tcp:${address[1]}` : (address as string).replace(/^\0/, '@');

for (const [family, address] of [
  ['AF_UNIX', undefined],
  ['AF_INET', ['127.0.0.1', 0]],
  ['an abstract name', `\0prong-test-${process.pid}`],
] as const) {
  for (const authkey of [undefined, 'a key'] as const) {
    const name = `${family}, ${authkey ? 'with' : 'without'} a key`;
    test.serial(
      `Python connects: ${name}`,
      leavesNothing(async (t) => {
        const listener = new Listener(address, { authkey });
        const args = ['connect', addressOf(listener.address), authkey ?? '-', ...SIZES.map(String)];
        const peer = python(PEER, args);
        await talk(t, await listener.accept(), false);
        listener.close();
        t.deepEqual(await peer.ended, { code: 0, stderr: '' });
      }),
    );
    test.serial(
      `Python listens: ${name}`,
      leavesNothing(async (t) => {
        const where = address === undefined ? `/tmp/prong-test-${process.pid}.sock` : addressOf(address);
        const peer = python(PEER, ['listen', where, authkey ?? '-', ...SIZES.map(String)]);
        const line = await peer.line();
        const at = family === 'AF_INET' ? (['127.0.0.1', Number(line)] as const) : (address ?? where);
        const connection = await Client(at as string, { authkey });
        await talk(t, connection, true);
        t.deepEqual(await peer.ended, { code: 0, stderr: '' });
      }),
    );
  }
}

test.serial(
  'a Python client with another key is told so, and so are we',
  leavesNothing(async (t) => {
    const listener = new Listener({ authkey: 'right' });
    const peer = python(PEER, ['connect', addressOf(listener.address), 'wrong']);
    await t.throwsAsync(listener.accept(), { code: 'ERR_AUTHENTICATION', name: 'AuthenticationError' });
    listener.close();
    t.is((await peer.ended).code, 3);
    t.is(await peer.line(), 'AuthenticationError');
  }),
);

test.serial(
  'a Python listener with another key rejects us',
  leavesNothing(async (t) => {
    const where = `/tmp/prong-test-${process.pid}.sock`;
    const peer = python(PEER, ['listen', where, 'right']);
    await peer.line();
    await t.throwsAsync(Client(where, { authkey: 'wrong' }), { code: 'ERR_AUTHENTICATION' });
    t.is(await peer.line(), 'AuthenticationError');
    t.is((await peer.ended).code, 3);
  }),
);

for (const digest of ['sha256', 'sha384', 'md5']) {
  test.serial(
    `the handshake of Python 3.12 and later: ${digest}`,
    leavesNothing(async (t) => {
      const listener = new Listener({ authkey: 'a key' });
      const peer = python('test/fixtures/connection/modern.py', [
        listener.address as string,
        'a key',
        digest,
      ]);
      const connection = await listener.accept();
      t.is((await connection.recvBytes()).toString(), 'after the handshake');
      t.is(await peer.line(), '#WELCOME#');
      t.is(await peer.line(), 'True');
      connection.close();
      listener.close();
      t.deepEqual(await peer.ended, { code: 0, stderr: '' });
    }),
  );
}
