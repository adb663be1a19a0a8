/** What systemd expects of a service: notifications, the watchdog, sockets it hands over. */
import { fstatSync } from 'node:fs';
import { checkBoolean, checkInteger, checkString, invalidType } from '../util/check.js';
import { system } from './native.js';

const FIRST_FD = 3;

/** How `notify()` reaches the service manager. */
export interface NotifyOptions {
  /** Whether children started from now on don't see the socket any more. */
  unsetEnvironment?: boolean;
}

/**
 * Sends a notification to the service manager: `'READY=1'`, `'STATUS=…'`, `'WATCHDOG=1'`, several with line breaks between
 * them, or an object of such.
 *
 * @returns false where no service manager listens (`NOTIFY_SOCKET` is not set)
 * @throws the error of sendto(2); `ENOTSUP`
 * @see https://www.freedesktop.org/software/systemd/man/sd_notify.html
 */
export function sdNotify(
  state: string | Record<string, string | number>,
  options: NotifyOptions = {},
): boolean {
  let text: string;
  if (typeof state === 'object' && state !== null) {
    text = Object.entries(state)
      .map(([key, value]) => `${key}=${value}`)
      .join('\n');
  } else {
    if (typeof state !== 'string') throw invalidType('state', 'a string or an object', state);
    text = state;
  }
  checkString('state', text);
  const { unsetEnvironment = false } = options;
  checkBoolean('options.unsetEnvironment', unsetEnvironment);
  const address = process.env.NOTIFY_SOCKET;
  if (unsetEnvironment) delete process.env.NOTIFY_SOCKET;
  if (address === undefined || address === '') return false;
  system('sdNotify()').sendDatagram(address, text);
  return true;
}

/** How often the watchdog wants to hear of this process, in ms; `undefined` where it doesn't. */
export function watchdogInterval(): number | undefined {
  const { WATCHDOG_USEC, WATCHDOG_PID } = process.env;
  if (WATCHDOG_PID !== undefined && Number(WATCHDOG_PID) !== process.pid) return undefined;
  const interval = Number(WATCHDOG_USEC) / 1000;
  return Number.isFinite(interval) && interval > 0 ? interval : undefined;
}

/**
 * Sends `WATCHDOG=1` from the event loop, at half of the interval that systemd asks for: a program whose loop is stuck
 * is restarted.
 *
 * @param isWell asked each time; where it returns false nothing is sent
 * @returns a function that ends it; `undefined` where no watchdog is set
 */
export function startWatchdog(isWell: () => boolean = () => true): (() => void) | undefined {
  const interval = watchdogInterval();
  if (interval === undefined) return undefined;
  const timer = setInterval(() => {
    if (!isWell()) return;
    try {
      sdNotify('WATCHDOG=1');
    } catch {
      // The manager is being restarted.
    }
  }, interval / 2);
  timer.unref();
  return () => clearInterval(timer);
}

/** One socket of `listenFds()`. */
export interface ListenDescriptor {
  fd: number;
  /** From `FileDescriptorName=`; `'unknown'` without. */
  name: string;
}

/**
 * The sockets that were handed to this process by socket activation, for `server.listen({ fd })`.
 *
 * @returns none where none are meant for this process
 * @see https://www.freedesktop.org/software/systemd/man/sd_listen_fds.html
 */
export function listenFds(options: NotifyOptions = {}): ListenDescriptor[] {
  const { LISTEN_PID, LISTEN_FDS, LISTEN_FDNAMES } = process.env;
  const { unsetEnvironment = false } = options;
  checkBoolean('options.unsetEnvironment', unsetEnvironment);
  if (unsetEnvironment)
    for (const name of ['LISTEN_PID', 'LISTEN_FDS', 'LISTEN_FDNAMES']) delete process.env[name];
  if (LISTEN_PID === undefined || LISTEN_FDS === undefined || Number(LISTEN_PID) !== process.pid) return [];
  const count = Number(LISTEN_FDS);
  checkInteger('LISTEN_FDS', count, 0, 2 ** 20);
  const names = (LISTEN_FDNAMES ?? '').split(':');
  return Array.from({ length: count }, (_, index) => {
    fstatSync(FIRST_FD + index);
    return { fd: FIRST_FD + index, name: names[index] || 'unknown' };
  });
}
