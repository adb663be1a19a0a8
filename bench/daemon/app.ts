/** A server as small as can be. When it listens it says so at the socket $BENCH_READY. */
import { createServer } from 'node:http';
import { connect } from 'node:net';

const server = createServer((_request, response) => response.end('hello\n'));
server.listen(0, '127.0.0.1', () => connect(process.env.BENCH_READY!).unref());
