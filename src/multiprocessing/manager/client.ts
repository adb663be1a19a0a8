/** One connection to each manager, for all proxies of a thread. */
import { ProngError } from '../../errors.js';
import { registerInternalAtFork } from '../../posix/at-fork.js';
import { onFreshProcess } from '../../util/fresh-process.js';
import { type Address, Client, type Connection } from '../connection/index.js';
import { decode } from '../serialize/index.js';
import { ManagerEndedError, RemoteError } from './errors.js';
import type { Request, Response } from './protocol.js';

interface Waiting {
  resolve(value: unknown): void;
  reject(error: unknown): void;
}

// biome-ignore lint/suspicious/noExplicitAny: each kind of request without its number
type Unnumbered<R = Request> = R extends any ? Omit<R, 'id'> : never;

const links = new Map<string, ManagerLink>();

/** Whose message is being read: it has counted the handles in it. */
let from: ManagerLink | undefined;

export function receivingFrom(): ManagerLink | undefined {
  return from;
}

/** The link to the manager at an address: made when it is first used. */
export function linkTo(address: Address, authkey: Uint8Array): ManagerLink {
  const key = String(address);
  let link = links.get(key);
  if (link === undefined) {
    link = new ManagerLink(address, authkey);
    links.set(key, link);
  }
  return link;
}

export class ManagerLink {
  #connection: Promise<Connection> | undefined;
  #open: Connection | undefined;
  #waiting = new Map<number, Waiting>();
  #next = 1;
  #receiving = false;
  #dropped = new Map<string, number>();
  #dropping = false;
  /** Changes with every connection: what is held by an older one has to be adopted anew. */
  generation = 0;

  constructor(
    readonly address: Address,
    readonly authkey: Uint8Array,
  ) {}

  async request(request: Unnumbered): Promise<unknown> {
    const connection = await this.#connect();
    const id = this.#next++;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      connection.send({ ...request, id }).catch((error) => {
        this.#waiting.delete(id);
        reject(this.#lost(error));
      });
      void this.#receive(connection);
    });
  }

  /** Gives up a reference that this connection holds. */
  drop(object: string, count: number, generation: number): void {
    if (generation !== this.generation || this.#open === undefined) return;
    this.#dropped.set(object, (this.#dropped.get(object) ?? 0) + count);
    if (this.#dropping) return;
    this.#dropping = true;
    queueMicrotask(() => {
      this.#dropping = false;
      const objects = [...this.#dropped];
      this.#dropped.clear();
      this.#open?.send({ id: 0, do: 'drop', objects }).catch(() => {});
    });
  }

  close(): void {
    this.#abandon(new ManagerEndedError('the manager is shut down'));
    if (links.get(String(this.address)) === this) links.delete(String(this.address));
  }

  /** After a fork: the connection is the parent's. */
  leave(keepWaits: boolean): void {
    if (!keepWaits) this.#waiting.clear();
    this.#abandon(
      new ManagerEndedError("this call was under way when the process was forked: it is the parent's"),
    );
  }

  #abandon(error: Error): void {
    this.generation++;
    const open = this.#open;
    this.#open = undefined;
    this.#connection = undefined;
    this.#receiving = false;
    this.#dropped.clear();
    const waiting = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const wait of waiting) wait.reject(error);
    open?.close();
  }

  #lost(error: unknown): unknown {
    const { code } = error as NodeJS.ErrnoException;
    const lost = ['EOF', 'EPIPE', 'ECONNRESET', 'ERR_CLOSED', 'ENOENT', 'ECONNREFUSED', 'EBADMSG'];
    return lost.includes(code ?? '') ? new ManagerEndedError(undefined, { cause: error }) : error;
  }

  #connect(): Promise<Connection> {
    this.#connection ??= this.#begin();
    return this.#connection;
  }

  async #begin(): Promise<Connection> {
    const { generation } = this;
    try {
      const connection = await Client(this.address, { authkey: this.authkey });
      if (generation !== this.generation) {
        connection.close();
        throw new ManagerEndedError('the manager is shut down');
      }
      this.#open = connection;
      return connection;
    } catch (error) {
      if (generation === this.generation) this.#connection = undefined;
      throw this.#lost(error);
    }
  }

  /** Receives only while something is waited for, so that an idle proxy keeps no process alive. */
  async #receive(connection: Connection): Promise<void> {
    if (this.#receiving) return;
    this.#receiving = true;
    try {
      while (this.#waiting.size > 0 && this.#open === connection) {
        const bytes = await connection.recvBytes();
        from = this;
        let response: Response;
        try {
          response = decode(bytes) as Response;
        } finally {
          from = undefined;
        }
        const wait = this.#waiting.get(response.id);
        this.#waiting.delete(response.id);
        if ('error' in response) wait?.reject(revive(response.error, response.own));
        else wait?.resolve(response.value);
      }
      if (this.#open === connection) this.#receiving = false;
    } catch (error) {
      if (this.#open === connection) this.#abandon(this.#lost(error) as Error);
    }
  }
}

/** The library's own errors are what they were; others are told from those of this process. */
function revive(error: unknown, own: boolean): unknown {
  return own || error instanceof ProngError ? error : new RemoteError(error);
}

registerInternalAtFork({
  afterInChild() {
    for (const link of links.values()) link.leave(true);
  },
});
onFreshProcess(() => {
  for (const link of links.values()) link.leave(false);
});
