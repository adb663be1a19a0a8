/** In a worker: a program that listens as it always does gets the master's sockets. */
import { Server } from 'node:net';
import { resolve } from 'node:path';
import { dup } from '../posix/descriptors.js';
import type { Shared } from './listen.js';

type Listen = (this: Server, ...args: unknown[]) => Server;

function isMeant({ port, requested, path }: Shared, where: unknown): boolean {
  const given = typeof where === 'object' && where !== null ? (where as Record<string, unknown>) : undefined;
  const name = given === undefined ? where : (given.path ?? given.port);
  if (name === undefined || name === null || name === '' || typeof name === 'function') return false;
  const number = Number(name);
  if (Number.isNaN(number)) return path !== undefined && path === resolve(String(name));
  return path === undefined && (number === port || number === requested);
}

/**
 * From now on `server.listen()` at a port or a path of the master's takes the socket that all workers share, as it would
 * in a worker of node:cluster.
 *
 * @returns every server that was told to listen
 */
export function shareSockets(shared: Shared[]): Set<Server> {
  const servers = new Set<Server>();
  const used = new Set<number>();
  const prototype = Server.prototype as unknown as { listen: Listen };
  const { listen } = prototype;
  prototype.listen = function (...args) {
    servers.add(this);
    const found = shared.find((each) => isMeant(each, args[0]));
    const asked = (args[0] as { fd?: number } | undefined)?.fd;
    const fd = found?.fd ?? asked;
    if (fd === undefined || !shared.some((each) => each.fd === fd)) return Reflect.apply(listen, this, args);
    // Of two handles on one descriptor the event loop would know only one.
    const own = used.has(fd) ? dup(fd) : fd;
    used.add(fd);
    return Reflect.apply(listen, this, [{ fd: own }, ...args.filter((each) => typeof each === 'function')]);
  };
  return servers;
}
