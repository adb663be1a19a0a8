/** Addresses as Python has them: a path for AF_UNIX, `[host, port]` for AF_INET. */
import { lookup } from 'node:dns';
import { isIP } from 'node:net';
import { checkInteger, checkString, invalidType, invalidValue } from '../../util/check.js';

export type Family = 'AF_UNIX' | 'AF_INET' | 'AF_INET6';

/** A path (an abstract name starts with a null byte), or host and port. */
export type Address = string | readonly [host: string, port: number];

export interface Target {
  host: string;
  port: number | undefined;
}

const FAMILIES = ['AF_UNIX', 'AF_INET', 'AF_INET6'];
const PORT_MAX = 65535;

export function checkFamily(value: unknown): Family | undefined {
  if (value === undefined) return undefined;
  if (!FAMILIES.includes(value as string)) {
    throw invalidValue('options.family', `must be one of ${FAMILIES.join(', ')}`, value);
  }
  return value as Family;
}

export function checkAddress(value: unknown, family: Family | undefined): Target {
  if (typeof value === 'string') {
    if (value === '') throw invalidValue('address', 'must not be empty', value);
    // The null byte that marks an abstract name is the only one.
    if (value[0] === '\0') checkString('address', value.slice(1));
    else checkString('address', value);
    if (family !== undefined && family !== 'AF_UNIX') {
      throw invalidValue('address', `must be [host, port] with ${family}`, value);
    }
    return { host: value, port: undefined };
  }
  if (!Array.isArray(value) || value.length !== 2) {
    throw invalidType('address', 'a path or an array [host, port]', value);
  }
  if (family === 'AF_UNIX') throw invalidValue('address', 'must be a path with AF_UNIX', value);
  const [host, port] = value as unknown[];
  checkString('address[0]', host);
  checkInteger('address[1]', port, 0, PORT_MAX);
  return { host: host === 'localhost' ? '127.0.0.1' : host === '' ? '0.0.0.0' : host, port };
}

/** The number behind a host's name. */
export function resolve(target: Target): Promise<Target> | Target {
  if (target.port === undefined || isIP(target.host) !== 0) return target;
  return new Promise((fulfil, reject) => {
    lookup(target.host, (error, host) => {
      if (error) reject(error);
      else fulfil({ host, port: target.port });
    });
  });
}

/** For who blocks: names are not looked up. */
export function resolved(target: Target): Target {
  if (target.port === undefined || isIP(target.host) !== 0) return target;
  throw invalidValue('address', 'must have a numeric host in the Sync forms', target.host);
}

export function show({ host, port }: Target): string {
  return port === undefined ? host.replace(/^\0/, '@') : `${host}:${port}`;
}
