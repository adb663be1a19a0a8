/** The process in which managed objects live. */
import { ProngError } from '../../errors.js';
import { handleKind } from '../../sync/handle.js';
import type { Address, Connection, Listener } from '../connection/index.js';
import { ManagerEndedError } from './errors.js';
import { KIND, type ObjectHandle, type Request, type Response } from './protocol.js';
import { exposedBy, type Registry } from './types.js';
import { Caller, runAs } from './waiters.js';

/**
 * An object of this server's: what stands for it inside of others, and travels as its handle. It lives while a client refers to it or
 * another object of the server's does.
 */
export class Referent {
  constructor(
    readonly server: Server,
    readonly id: string,
    readonly type: string,
    readonly exposed: string[],
    readonly target: object,
  ) {}
}
Object.defineProperty(Referent.prototype, handleKind, { value: KIND });

/** The server of this process, in a manager's own. */
let serving: Server | undefined;

export function servedHere(handle: ObjectHandle): Referent | undefined {
  return serving !== undefined && String(serving.address) === String(handle.address)
    ? serving.find(handle.object)
    : undefined;
}

interface Client {
  connection: Connection;
  caller: Caller;
  /** How often it has been sent each object. */
  held: Map<string, { referent: Referent; count: number }>;
}

let sendingTo: Client | undefined;

/** A handle that goes to a client keeps its object alive for it. */
export function packReferent({ server, id, type, exposed }: Referent): ObjectHandle {
  const held = sendingTo?.held.get(id);
  if (held !== undefined) held.count++;
  else sendingTo?.held.set(id, { referent: server.find(id), count: 1 });
  return { address: server.address, authkey: server.authkey, object: id, type, exposed };
}

function gone(id: string): ProngError {
  return new ProngError(
    'ERR_DESTROYED',
    `the managed object ${id} exists no more: everybody who had it has given it up`,
  );
}

export class Server {
  readonly address: Address;
  #objects = new Map<string, WeakRef<Referent>>();
  #collected = new FinalizationRegistry<string>((id) => this.#objects.delete(id));
  #next = 1;
  #stop!: () => void;
  readonly stopped = new Promise<void>((resolve) => {
    this.#stop = resolve;
  });

  constructor(
    readonly listener: Listener,
    readonly authkey: Uint8Array,
    readonly registry: Registry,
  ) {
    this.address = listener.address;
    serving = this;
  }

  find(id: string): Referent {
    const referent = this.#objects.get(id)?.deref();
    if (referent === undefined) throw gone(id);
    return referent;
  }

  /** Accepts clients until the listener is closed. */
  async run(): Promise<void> {
    for (;;) {
      let connection: Connection;
      try {
        connection = await this.listener.accept();
      } catch (error) {
        if (this.listener.closed) return;
        // Somebody without the key, or that went away, is no reason to end.
        const { code } = error as NodeJS.ErrnoException;
        if (code === 'EMFILE' || code === 'ENFILE') await new Promise((resolve) => setTimeout(resolve, 20));
        continue;
      }
      void this.#serve({ connection, caller: new Caller(), held: new Map() });
    }
  }

  async #serve(client: Client): Promise<void> {
    try {
      for (;;) void this.#handle(client, (await client.connection.recv()) as Request);
    } catch {
      // It has ended, or what it sends makes no sense.
    } finally {
      client.connection.close();
      client.held.clear();
      client.caller.leave();
    }
  }

  async #handle(client: Client, request: Request): Promise<void> {
    const { id } = request;
    let response: Response;
    try {
      const value = await runAs(client.caller, () => this.#perform(client, request));
      if (id === 0) return;
      response = { id, value };
    } catch (error) {
      response = { id, error, own: request.do !== 'call' && request.do !== 'create' };
    }
    await this.#answer(client, response);
    if (request.do === 'shutdown') this.#stop();
  }

  async #answer(client: Client, response: Response): Promise<void> {
    if (client.connection.closed) return;
    const send = (message: Response): Promise<void> => {
      sendingTo = client;
      try {
        return client.connection.send(message);
      } finally {
        sendingTo = undefined;
      }
    };
    try {
      await send(response);
    } catch (error) {
      // What was returned can't travel: the caller is told. Where it isn't there any more, nobody is.
      await send({ id: response.id, error, own: true }).catch(() => {});
    }
  }

  #perform(client: Client, request: Request): unknown {
    switch (request.do) {
      case 'create':
        return this.#create(request.type, request.args);
      case 'call': {
        const { target, exposed, type } = this.find(request.object);
        if (!exposed.includes(request.method)) {
          throw new ProngError('ERR_NOT_EXPOSED', `${type} has no exposed method ${String(request.method)}`);
        }
        const method = (target as Record<string, unknown>)[request.method];
        return Reflect.apply(method as () => unknown, target, request.args);
      }
      case 'adopt':
        return this.find(request.object);
      case 'drop':
        for (const [object, count] of request.objects) {
          const held = client.held.get(object);
          if (held === undefined) continue;
          held.count -= count;
          if (held.count <= 0) client.held.delete(object);
        }
        return undefined;
      case 'types':
        return [...this.registry.keys()];
      case 'shutdown':
        this.listener.close();
        return undefined;
      default:
        throw new ManagerEndedError('this manager is of another version');
    }
  }

  #create(type: string, args: unknown[]): Referent {
    const registered = this.registry.get(type);
    if (registered === undefined) throw new ProngError('ERR_NOT_REGISTERED', `no type ${type} is registered`);
    const target = registered.make(...args);
    const id = String(this.#next++);
    const referent = new Referent(this, id, type, exposedBy(target, registered), target);
    this.#objects.set(id, new WeakRef(referent));
    this.#collected.register(referent, id);
    return referent;
  }
}
