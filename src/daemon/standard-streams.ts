/** stdin, stdout and stderr of a daemon: /dev/null, files that are opened again on SIGHUP, or descriptors. */
import { closeSync, constants, fchownSync, openSync, writeSync } from 'node:fs';
import { resolve } from 'node:path';
import { Readable, Writable } from 'node:stream';
import { dup, dup2 } from '../posix/descriptors.js';
import { checkString, invalidType } from '../util/check.js';
import { system } from './native.js';

/** A path, a descriptor, or something that has one (a stream, a `FileHandle`). */
export type StreamTarget = string | number | { fd: number } | null;

const { O_APPEND, O_CREAT, O_NOCTTY, O_NONBLOCK, O_RDONLY, O_WRONLY } = constants;
const MODE = 0o640;

export function checkTarget(name: string, value: unknown): void {
  if (value === undefined || value === null || typeof value === 'number') return;
  if (typeof value === 'string') {
    checkString(name, value);
    return;
  }
  if (typeof (value as { fd?: unknown }).fd !== 'number')
    throw invalidType(name, 'a path, a descriptor or a stream with one', value);
}

/** stdout or stderr as files are written: at once, so that nothing is lost at the end. */
class StandardStream extends Writable {
  readonly fd: number;
  readonly #copy: ((text: Buffer) => void) | undefined;

  constructor(fd: number, copy?: (text: Buffer) => void) {
    super({ decodeStrings: true });
    this.fd = fd;
    this.#copy = copy;
  }

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.#copy?.(chunk);
    try {
      for (let from = 0; from < chunk.length; ) from += writeSync(this.fd, chunk, from);
    } catch {
      // A full disk, or a reader that is gone. A daemon doesn't end because nobody takes down what it says.
    }
    done();
  }

  override _destroy(_error: Error | null, done: (error?: Error | null) => void): void {
    // As Node's own: they can't be closed.
    done();
  }
}

export interface Opened {
  fd: number;
  /** For opening it again. */
  path?: string;
  /** Opened here, and not needed once it has its place. */
  ours: boolean;
}

export class StandardStreams {
  readonly #files: (string | undefined)[] = [];

  /** Opens what is asked for; nothing changes before `install()`. */
  open(targets: (StreamTarget | undefined)[]): Opened[] {
    return targets.map((target, index) => {
      if (typeof target === 'number') return { fd: target, ours: false };
      if (typeof target === 'object' && target !== null) return { fd: target.fd, ours: false };
      if (target === undefined) return { fd: openStream('/dev/null', index === 0), ours: true };
      const path = resolve(target ?? '/dev/null');
      return { fd: openStream(path, index === 0), path, ours: true };
    });
  }

  /** Lets the log files belong to whom the process becomes, or it could not open them again. */
  static give(opened: Opened[], uid: number, gid: number): void {
    for (const { fd, path } of opened.slice(1))
      if (path !== undefined && path !== '/dev/null') fchownSync(fd, uid, gid);
  }

  /** `onError` sees a copy of what goes to stderr. */
  install(opened: Opened[], onError?: (text: Buffer) => void): void {
    stopReadingStdin();
    const terminals = system('daemonize()')
      .terminals()
      .filter((fd) => fd > 2);
    // One of 0 to 2 may be meant for another's place.
    const moved = opened.map((each, index) =>
      each.fd <= 2 && each.fd !== index ? { ...each, fd: dup(each.fd), ours: true } : each,
    );
    moved.forEach(({ fd, path }, index) => {
      if (fd !== index) dup2(fd, index, { inheritable: true });
      this.#files[index] = index === 0 || path === '/dev/null' ? undefined : path;
    });
    for (const { fd, ours } of moved) if (ours && fd > 2) closeSync(fd);
    for (const fd of terminals) {
      const none = openSync('/dev/null', constants.O_RDWR);
      dup2(none, fd);
      closeSync(none);
    }
    const stdout = new StandardStream(1);
    const stderr = new StandardStream(2, onError);
    replace('stdout', stdout);
    replace('stderr', stderr);
    replace('stdin', Object.assign(Readable.from([]), { fd: 0 }));
  }

  /** Opens the log files again. One that can't be opened stays what it was. */
  reopen(): void {
    this.#files.forEach((path, index) => {
      if (path === undefined) return;
      try {
        const fd = openStream(path, false);
        dup2(fd, index, { inheritable: true });
        closeSync(fd);
      } catch (error) {
        process.stderr.write(`${path} could not be opened again: ${(error as Error).message}\n`);
      }
    });
  }
}

function openStream(path: string, reading: boolean): number {
  return openSync(
    path,
    reading
      ? O_RDONLY | O_NOCTTY
      : O_WRONLY | O_APPEND | O_CREAT | O_NOCTTY | (path === '/dev/null' ? 0 : O_NONBLOCK),
    MODE,
  );
}

function stopReadingStdin(): void {
  const active = (
    process as unknown as { _getActiveHandles(): { fd?: number; destroy?(): void }[] }
  )._getActiveHandles();
  for (const handle of active) if (handle.fd === 0) handle.destroy?.();
}

function replace(name: 'stdin' | 'stdout' | 'stderr', stream: unknown): void {
  Object.defineProperty(process, name, {
    configurable: true,
    enumerable: true,
    writable: true,
    value: stream,
  });
  if (name !== 'stdin') (console as unknown as Record<string, unknown>)[`_${name}`] = stream;
}
