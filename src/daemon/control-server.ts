/** The daemon's end of the control socket: a line of JSON in, a line of JSON out. */
import { chownSync, lstatSync, unlinkSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { ProngError } from '../errors.js';
import { registerInternalAtFork } from '../posix/at-fork.js';
import { AlreadyRunningError } from './errors.js';
import { isListenedAt } from './is-listened-at.js';
import { native, system } from './native.js';
import { checkSocketPath } from './paths.js';

/** Longer requests are none of ours. */
const LONGEST_REQUEST = 4096;
const MOST_CLIENTS = 64;
const PATIENCE = 5000;

export type Answer = Record<string, unknown>;
export type Commands = Record<string, () => Answer | Promise<Answer>>;

interface WithHandle {
  _handle?: { fd?: number } | null;
}

const descriptorOf = (socket: Server | Socket): number => (socket as unknown as WithHandle)._handle?.fd ?? -1;

/** Removes a socket that was left behind. What isn't a socket stays. */
async function removeStale(path: string): Promise<void> {
  const there = lstatSync(path, { throwIfNoEntry: false });
  if (there === undefined) return;
  if (!there.isSocket()) throw new ProngError('EEXIST', `EEXIST: ${path} exists and is not a socket`);
  if (await isListenedAt(path)) throw new AlreadyRunningError(`the daemon at ${path}`, undefined);
  unlinkSync(path);
}

export class ControlServer {
  readonly path: string;
  readonly #server: Server;
  readonly #clients = new Set<Socket>();
  readonly #commands: Commands;
  readonly #pid = process.pid;
  readonly #inode: bigint;

  private constructor(path: string, fd: number, commands: Commands) {
    this.path = path;
    this.#commands = commands;
    this.#inode = lstatSync(path, { bigint: true }).ino;
    this.#server = createServer({ allowHalfOpen: true }, (client) => this.#serve(client));
    this.#server.maxConnections = MOST_CLIENTS;
    // Out of descriptors, say: whoever connected may try again.
    this.#server.on('error', () => {});
    this.#server.listen({ fd });
    // A daemon whose own work is done may end.
    this.#server.unref();
    open.add(this);
  }

  /** @throws `ENAMETOOLONG`, `EEXIST`, `AlreadyRunningError`, and what bind(2) says */
  static async listen(path: string, commands: Commands): Promise<ControlServer> {
    checkSocketPath(path);
    await removeStale(path);
    return new ControlServer(path, system('the control socket').listenUnix(path), commands);
  }

  giveTo(uid: number, gid: number): void {
    chownSync(this.path, uid, gid);
  }

  #isAllowed(client: Socket): boolean {
    try {
      const [, uid] = system('the control socket').peerOf(descriptorOf(client));
      return uid === 0 || uid === process.geteuid?.();
    } catch {
      return false;
    }
  }

  #serve(client: Socket): void {
    client.on('error', () => client.destroy());
    const allowed = this.#isAllowed(client);
    this.#clients.add(client);
    client.unref();
    client.on('close', () => this.#clients.delete(client));
    // For the whole request: one byte a second is no way to stay.
    const limit = setTimeout(() => client.destroy(), PATIENCE).unref();
    client.on('close', () => clearTimeout(limit));
    let request = '';
    client.setEncoding('latin1');
    const take = (chunk: string) => {
      request += chunk;
      const end = request.indexOf('\n');
      if (end < 0 && request.length <= LONGEST_REQUEST) return;
      client.off('data', take);
      client.pause();
      if (!allowed) {
        // Not before it has asked: it would fail to, instead of reading this.
        reply(client, { error: 'permission denied', code: 'EACCES' });
        return;
      }
      void this.#answer(client, end < 0 || end > LONGEST_REQUEST ? undefined : request.slice(0, end));
    };
    client.on('data', take);
    client.on('end', () => client.destroySoon());
  }

  async #answer(client: Socket, request: string | undefined): Promise<void> {
    let answer: Answer;
    try {
      const command = request === undefined ? undefined : parse(request);
      const run =
        command === undefined || !Object.hasOwn(this.#commands, command)
          ? undefined
          : this.#commands[command];
      answer =
        run === undefined
          ? { error: 'this is no command', code: 'ERR_CONTROL' }
          : { ok: true, ...(await run()) };
    } catch (error) {
      answer = { error: error instanceof Error ? error.message : String(error), code: 'ERR_CONTROL' };
    }
    reply(client, answer);
  }

  /** Stops listening and removes the socket. */
  close(): void {
    if (!open.delete(this) || process.pid !== this.#pid) return;
    try {
      if (lstatSync(this.path, { bigint: true }).ino === this.#inode) unlinkSync(this.path);
    } catch {
      // Gone, or out of reach after chroot.
    }
    this.#server.close();
  }

  /** In a forked child: the socket stays the parent's. */
  leave(): void {
    const fds = [...this.#clients, this.#server].map(descriptorOf);
    for (const fd of fds) if (fd >= 0) native?.silence(fd);
    this.#server.unref();
    for (const client of this.#clients) client.unref();
  }
}

const open = new Set<ControlServer>();

if (native !== undefined) {
  registerInternalAtFork({
    afterInChild() {
      for (const server of open) server.leave();
      open.clear();
    },
  });
}

function reply(client: Socket, answer: Answer): void {
  if (!client.destroyed) client.end(`${JSON.stringify(answer)}\n`, () => client.destroy());
}

function parse(request: string): string | undefined {
  try {
    const { command } = JSON.parse(request) as { command?: unknown };
    return typeof command === 'string' ? command : undefined;
  } catch {
    return undefined;
  }
}
