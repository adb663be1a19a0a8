/** Where daemons' files are: sockets and pidfiles in the runtime directory, logs and records in the state directory. */
import { lstatSync, mkdirSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { isAbsolute, join, resolve } from 'node:path';
import { ProngError } from '../errors.js';
import { checkString, invalidValue } from '../util/check.js';

const LONGEST_NAME = 64;
/** sockaddr_un's 108 bytes with the closing zero. */
const LONGEST_SOCKET = 107;

export function checkName(value: unknown, name = 'name'): asserts value is string {
  checkString(name, value);
  if (!/^[\w@][\w.@-]*$/.test(value) || value.length > LONGEST_NAME) {
    throw invalidValue(
      name,
      `must be at most ${LONGEST_NAME} letters, digits and . _ - @, and not begin with . or -`,
      value,
    );
  }
}

const userId = () => process.geteuid?.() ?? -1;

const variable = (name: string): string | undefined => {
  const value = process.env[name];
  return value !== undefined && isAbsolute(value) ? value : undefined;
};

/** `$XDG_RUNTIME_DIR/prong`; without that variable `/run/prong` for root, and a directory in the temporary one for others. */
export function runtimeDirectory(): string {
  const base = variable('XDG_RUNTIME_DIR');
  if (base !== undefined) return join(base, 'prong');
  return userId() === 0 ? '/run/prong' : join(tmpdir(), `prong-${userId()}`);
}

/** `$XDG_STATE_HOME/prong`, by default `~/.local/state/prong`. */
export function stateDirectory(): string {
  return join(variable('XDG_STATE_HOME') ?? join(homedir(), '.local', 'state'), 'prong');
}

/**
 * Makes a directory that only this user may enter, or checks that it is one: in a temporary directory somebody else
 * could have put it there first.
 */
export function privateDirectory(path: string): string {
  mkdirSync(path, { recursive: true, mode: 0o700 });
  const { uid, mode } = lstatSync(path);
  if (uid !== userId() || (mode & 0o022) !== 0) {
    throw new ProngError(
      'ERR_UNSAFE_DIRECTORY',
      `${path} must belong to user ${userId()} and be writable by nobody else`,
    );
  }
  return path;
}

/** A name's control socket. What contains a slash is a path itself. */
export function socketPath(name: string): string {
  if (name.includes('/')) return resolve(name);
  checkName(name);
  return join(runtimeDirectory(), `${name}.sock`);
}

export function pidfilePath(name: string): string {
  return join(runtimeDirectory(), `${name}.pid`);
}

export function checkSocketPath(path: string): void {
  const length = Buffer.byteLength(path);
  if (length > LONGEST_SOCKET) {
    throw Object.assign(
      new Error(
        `ENAMETOOLONG: a socket's path has at most ${LONGEST_SOCKET} bytes, and ${path} has ${length}: choose a shorter name, or a shorter XDG_RUNTIME_DIR`,
      ),
      { code: 'ENAMETOOLONG', path },
    );
  }
}
