/** The sockets that all workers share. They are bound once, in the master, which never accepts from them. */
import { lstatSync, unlinkSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { resolve } from 'node:path';
import { isListenedAt } from '../daemon/is-listened-at.js';
import { system } from '../daemon/native.js';
import { checkSocketPath } from '../daemon/paths.js';
import { close, dup } from '../posix/descriptors.js';
import { invalidType } from '../util/check.js';
import type { Listen } from './types.js';

export interface Shared {
  fd: number;
  port: number | undefined;
  /** As it was asked for: 0 where the system chose. */
  requested: number | undefined;
  path: string | undefined;
}

const BACKLOG = 1024;
const FIRST_FD = 3;
/** How many sockets a master got from the one it takes over from. */
export const INHERITED = 'PRONG_PREFORK_FDS';

async function bindPath(given: string): Promise<Shared> {
  const path = resolve(given);
  checkSocketPath(path);
  // One that was left behind; where somebody listens, or something else is, bind(2) fails.
  if (lstatSync(path, { throwIfNoEntry: false })?.isSocket() && !(await isListenedAt(path))) unlinkSync(path);
  return { fd: system('serve()').listenUnix(path), port: undefined, requested: undefined, path };
}

function portAt(server: Server): number | undefined {
  const address = server.address();
  return typeof address === 'object' ? address?.port : undefined;
}

/** A socket of an earlier master's. */
function inherit(fd: number, where: Listen): Shared {
  const path = typeof where === 'string' ? where : typeof where === 'object' ? where.path : undefined;
  if (path !== undefined) return { fd, port: undefined, requested: undefined, path: resolve(path) };
  // It is closed again before the event loop could accept anything.
  const server = createServer().listen({ fd: dup(fd) });
  const port = portAt(server);
  server.close();
  return { fd, port, requested: typeof where === 'number' ? where : (where as { port?: number }).port, path };
}

function bind(where: Listen): Promise<Shared> {
  if (typeof where === 'string') return bindPath(where);
  const options = typeof where === 'number' ? { port: where } : where;
  if (options.path !== undefined) return bindPath(options.path);
  return new Promise((resolvePromise, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen({ backlog: BACKLOG, ...options, exclusive: true }, () => {
      const handle = (server as unknown as { _handle: { fd: number } })._handle;
      // The copy goes on listening; the event loop of the master forgets it, so that what comes is the workers'.
      const fd = dup(handle.fd);
      const port = portAt(server);
      server.close();
      resolvePromise({ fd, port, requested: options.port, path: undefined });
    });
  });
}

/** Those of an earlier master are taken where there are any. */
export async function bindAll(listen: Listen | Listen[]): Promise<Shared[]> {
  const list = Array.isArray(listen) ? listen : [listen];
  for (const each of list) {
    if (each === null || !['number', 'string', 'object'].includes(typeof each))
      throw invalidType('options.listen', 'a port, a path or an object', each);
  }
  const inherited = Number(process.env[INHERITED] ?? 0);
  delete process.env[INHERITED];
  const bound: Shared[] = [];
  try {
    for (const [index, each] of list.entries()) {
      bound.push(index < inherited ? inherit(FIRST_FD + index, each) : await bind(each));
    }
  } catch (error) {
    for (const { fd } of bound) close(fd);
    throw error;
  }
  return bound;
}
