/** What runs in a worker: the program's own start, a sign of life now and then, and an end that loses no request. */
import {
  createServer,
  type Server as HttpServer,
  type IncomingMessage,
  type RequestListener,
  type ServerResponse,
} from 'node:http';
import { Server } from 'node:net';
import { setpdeathsig } from '../posix/death-signal.js';
import { write } from '../posix/descriptors.js';
import { getppid } from '../posix/identity.js';
import type { Shared } from './listen.js';
import { shareSockets } from './share.js';
import type { ServeOptions } from './types.js';

/** For connections that are kept: how long they may wait for a last request that is told to be the last, in ms. */
const LAST_REQUEST = 1000;
export const GRACEFUL_TIMEOUT = 30_000;
const MASTER_SIGNALS = ['SIGHUP', 'SIGTERM', 'SIGINT', 'SIGQUIT', 'SIGTTIN', 'SIGTTOU', 'SIGUSR2'] as const;

/** What a program gives to be served: servers, what has one (Fastify and its like), or a handler of requests (Express). */
async function serversOf(value: unknown): Promise<Server[]> {
  if (Array.isArray(value)) return (await Promise.all(value.map(serversOf))).flat();
  if (value instanceof Server) return [value];
  const { server, ready } = (value ?? {}) as { server?: unknown; ready?: () => unknown };
  if (server instanceof Server) {
    if (typeof ready === 'function') await ready.call(value);
    return [server];
  }
  return typeof value === 'function' ? [createServer(value as RequestListener)] : [];
}

/** No more connections; what is open gets its answers. */
function finish(server: Server): Promise<void> {
  return new Promise((resolve) => {
    const http = server as Partial<HttpServer>;
    server.prependListener('request', (_request: IncomingMessage, response: ServerResponse) => {
      response.shouldKeepAlive = false;
    });
    // Not http's own close(), which cuts connections whose next request is on its way.
    Server.prototype.close.call(server, () => resolve());
    if (http.closeIdleConnections === undefined) return;
    const sweep = () => http.closeIdleConnections?.();
    setTimeout(() => {
      sweep();
      setInterval(sweep, 100);
    }, LAST_REQUEST);
  });
}

export interface WorkerPlace {
  index: number;
  tell: number;
  master: number;
  shared: Shared[];
}

export async function runWorker(options: ServeOptions, place: WorkerPlace): Promise<void> {
  const { index, tell, master, shared } = place;
  for (const signal of MASTER_SIGNALS) process.removeAllListeners(signal);
  const ending = new AbortController();
  const servers = shareSockets(shared);
  let isEnding = false;
  const end = async () => {
    if (isEnding) return;
    isEnding = true;
    // The master kills it then; but there may be none any more.
    setTimeout(() => process.exit(1), options.gracefulTimeout ?? GRACEFUL_TIMEOUT).unref();
    ending.abort();
    await Promise.all([...servers].filter((server) => server.listening).map(finish));
    process.exit(0);
  };
  process.on('SIGTERM', end);
  process.on('SIGINT', () => {});
  process.on('SIGHUP', () => {});
  setpdeathsig('SIGTERM');
  // It may have died before that.
  if (getppid() !== master) void end();
  const started = await options.start({ index, fds: shared.map(({ fd }) => fd), signal: ending.signal });
  const first = shared[0];
  for (const server of await serversOf(started)) {
    servers.add(server);
    if (server.listening || first === undefined) continue;
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen({ fd: first.fd }, resolve);
    });
  }
  // It was told to end meanwhile.
  if (isEnding) process.exit(0);
  const sign = (letter: string) => {
    try {
      write(tell, letter);
    } catch {
      // The master is gone; a signal tells.
    }
  };
  sign('R');
  const { hangTimeout = 30_000 } = options;
  if (hangTimeout > 0) setInterval(() => sign('H'), Math.max(10, hangTimeout / 4)).unref();
}
