/** The sockets that all workers share. They are bound once, in the master, which never accepts from them. */
import { lstatSync, unlinkSync } from 'node:fs';
import { createServer } from 'node:net';
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
  return { fd: system('serve()').listenUnix(path), port: undefined, path };
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
      const address = server.address();
      const port = typeof address === 'object' ? address?.port : undefined;
      server.close();
      resolvePromise({ fd, port, path: undefined });
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
      if (index >= inherited) bound.push(await bind(each));
      else {
        const path = typeof each === 'string' ? each : typeof each === 'object' ? each.path : undefined;
        const port = typeof each === 'number' ? each : typeof each === 'object' ? each.port : undefined;
        bound.push({ fd: FIRST_FD + index, port, path: path === undefined ? undefined : resolve(path) });
      }
    }
  } catch (error) {
    for (const { fd } of bound) close(fd);
    throw error;
  }
  return bound;
}
