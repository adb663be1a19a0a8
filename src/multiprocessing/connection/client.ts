import { close } from '../../posix/descriptors.js';
import { invalidType } from '../../util/check.js';
import {
  type Address,
  checkAddress,
  checkFamily,
  type Family,
  resolve,
  resolved,
  show,
  type Target,
} from './address.js';
import { asClient, checkAuthkey } from './authenticate.js';
import { Connection } from './connection.js';
import { HANDSHAKE_TIMEOUT, shake, shakeSync } from './handshake.js';
import { native } from './native.js';
import { timeoutOf, type WaitOptions } from './options.js';
import { timedOut } from './queues.js';
import { Watch, WRITE } from './watch.js';

/** How to connect. */
export interface ClientOptions extends WaitOptions {
  /** Told by the address where it isn't given. */
  family?: Family | undefined;
  /** The key that both sides know; without one nobody is asked to prove anything. */
  authkey?: string | Uint8Array | undefined;
}

// A listener whose queue is full is asked again this often.
const RETRY = 5;

function checked(address: unknown, options: ClientOptions) {
  if (typeof options !== 'object' || options === null) throw invalidType('options', 'an object', options);
  const target = checkAddress(address, checkFamily(options.family));
  return { target, authkey: checkAuthkey(options.authkey), ms: timeoutOf(options) };
}

async function writable(fd: number, ms: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  let watch: Watch | undefined;
  try {
    return await new Promise<boolean>((settle) => {
      watch = new Watch(fd, { onReady: () => settle(true) });
      watch.want(WRITE);
      if (ms < 2 ** 31) timer = setTimeout(() => settle(false), ms);
    });
  } finally {
    clearTimeout(timer);
    watch?.close();
  }
}

async function connect(target: Target, ms: number): Promise<number> {
  const deadline = performance.now() + ms;
  for (;;) {
    const begun = native('Client()').connect(target.host, target.port);
    if (begun !== undefined) {
      const [fd, pending] = begun;
      if (pending && !(await writable(fd, deadline - performance.now()))) {
        close(fd);
        throw timedOut(`nobody accepted at ${show(target)}`, ms);
      }
      native().finishConnect(fd, show(target));
      return fd;
    }
    if (performance.now() >= deadline) throw timedOut(`nobody accepted at ${show(target)}`, ms);
    await new Promise((settle) => setTimeout(settle, RETRY));
  }
}

function connectSync(target: Target, ms: number): number {
  const deadline = performance.now() + ms;
  const left = () => Math.max(0, Math.min(100, Math.ceil(deadline - performance.now())));
  for (;;) {
    const begun = native('Client()').connect(target.host, target.port);
    if (begun !== undefined) {
      const [fd, pending] = begun;
      while (pending && native().waitFor([fd], true, left()).length === 0) {
        if (performance.now() < deadline) continue;
        close(fd);
        throw timedOut(`nobody accepted at ${show(target)}`, ms);
      }
      native().finishConnect(fd, show(target));
      return fd;
    }
    if (performance.now() >= deadline) throw timedOut(`nobody accepted at ${show(target)}`, ms);
    native().waitFor([], false, Math.min(RETRY, left()));
  }
}

/** As `Client`, blocking this thread. A host must be a number or `localhost`. */
export function ClientSync(address: Address, options: ClientOptions = {}): Connection {
  const { target, authkey, ms } = checked(address, options);
  const deadline = performance.now() + ms;
  const connection = new Connection(connectSync(resolved(target), ms));
  if (authkey !== undefined) {
    const left = deadline - performance.now();
    shakeSync(connection, asClient(authkey), Math.min(left, HANDSHAKE_TIMEOUT), left > HANDSHAKE_TIMEOUT);
  }
  return connection;
}

async function connectAsClient(address: Address, options: ClientOptions): Promise<Connection> {
  const { target, authkey, ms } = checked(address, options);
  const deadline = performance.now() + ms;
  const connection = new Connection(await connect(await resolve(target), ms));
  if (authkey !== undefined) {
    const left = deadline - performance.now();
    await shake(connection, asClient(authkey), Math.min(left, HANDSHAKE_TIMEOUT), left > HANDSHAKE_TIMEOUT);
  }
  return connection;
}

/**
 * Connects to a `Listener`, ours or CPython's.
 *
 * @throws the system's `ECONNREFUSED`, `ENOENT`, `ENAMETOOLONG`...; `AuthenticationError` (`ERR_AUTHENTICATION`) where the keys
 * differ; `TimeoutError`
 * @see Python's `multiprocessing.connection.Client`
 */
export function Client(address: Address, options: ClientOptions = {}): Promise<Connection> {
  return connectAsClient(address, options);
}
