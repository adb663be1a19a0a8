import { createConnection, type Socket } from 'node:net';
import test from 'ava';
import { type Connection, Listener } from 'prong/multiprocessing';
import { leavesNothing } from '../../helpers/leaks.js';

/** Lets a raw socket talk to a connection. */
async function raw(): Promise<[Socket, Connection, Listener]> {
  const listener = new Listener();
  const socket = createConnection(listener.address as string);
  socket.on('error', () => {});
  return [socket, await listener.accept(), listener];
}

function header(length: number, long?: bigint): Buffer {
  const bytes = Buffer.alloc(long === undefined ? 4 : 12);
  bytes.writeInt32BE(length);
  if (long !== undefined) bytes.writeBigUInt64BE(long, 4);
  return bytes;
}

const closed = (socket: Socket) => new Promise((resolve) => socket.destroy().once('close', resolve));

function frames(
  name: string,
  body: (t: import('ava').ExecutionContext, socket: Socket, connection: Connection) => Promise<void>,
) {
  test.serial(
    name,
    leavesNothing(async (t) => {
      const [socket, connection, listener] = await raw();
      try {
        await body(t, socket, connection);
      } finally {
        connection.close();
        listener.close();
        await closed(socket);
      }
    }),
  );
}

frames('a frame that arrives byte by byte', async (t, socket, connection) => {
  const frame = Buffer.concat([header(5), Buffer.from('hello')]);
  const got = connection.recvBytes();
  for (const byte of frame) {
    socket.write(Uint8Array.of(byte));
    await new Promise(setImmediate);
  }
  t.is((await got).toString(), 'hello');
});

frames('the long form of a short length', async (t, socket, connection) => {
  socket.write(Buffer.concat([header(-1, 5n), Buffer.from('hello'), header(2), Buffer.from('yo')]));
  t.is((await connection.recvBytes()).toString(), 'hello');
  t.is(connection.recvBytesSync().toString(), 'yo');
});

frames('a length that is announced and never comes takes no memory', async (t, socket, connection) => {
  socket.write(Buffer.concat([header(0x7fffffff), Buffer.alloc(1000)]));
  const before = process.memoryUsage.rss();
  await t.throwsAsync(connection.recvBytes({ timeout: 50 }), { code: 'ETIMEDOUT' });
  t.true(process.memoryUsage.rss() - before < 64 * 2 ** 20);
  socket.end();
  await t.throwsAsync(connection.recvBytes(), { code: 'EBADMSG' });
  await t.throwsAsync(connection.recvBytes(), { code: 'EBADMSG' });
});

frames('a length beyond anything', async (t, socket, connection) => {
  socket.write(header(-1, 2n ** 63n));
  await t.throwsAsync(connection.recvBytes(), { code: 'EMSGSIZE' });
  t.throws(() => connection.recvBytesSync(), { code: 'EMSGSIZE' });
});

frames('garbage', async (t, socket, connection) => {
  socket.write(header(-2));
  await t.throwsAsync(connection.recvBytes(), { code: 'EBADMSG' });
  t.throws(() => connection.recvSync(), { code: 'EBADMSG' });
});

frames('an end in a header and in a message', async (t, socket, connection) => {
  socket.end(Buffer.from([0, 0]));
  await t.throwsAsync(connection.recvBytes(), { code: 'EBADMSG' });
});

frames('bytes that are no value', async (t, socket, connection) => {
  socket.write(Buffer.concat([header(3), Buffer.from('abc'), header(2), Buffer.from('ok')]));
  await t.throwsAsync(connection.recv());
  t.is((await connection.recvBytes()).toString(), 'ok');
});
