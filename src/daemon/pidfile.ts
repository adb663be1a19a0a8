import {
  closeSync,
  constants,
  fchownSync,
  fstatSync,
  ftruncateSync,
  lstatSync,
  openSync,
  readSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { resolve } from 'node:path';
import { ProngError } from '../errors.js';
import { registerInternalAtFork } from '../posix/at-fork.js';
import { checkString } from '../util/check.js';
import { AlreadyRunningError } from './errors.js';
import { native, system } from './native.js';

const { O_CREAT, O_NOFOLLOW, O_NONBLOCK, O_RDONLY, O_RDWR } = constants;
const ATTEMPTS = 1000;

function open(path: string, flags: number): number {
  let fd: number;
  try {
    fd = openSync(path, flags | O_NOFOLLOW | O_NONBLOCK, 0o644);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ELOOP') {
      throw Object.assign(new ProngError('ELOOP', `ELOOP: the pidfile ${path} is a symbolic link`), { path });
    }
    throw error;
  }
  if (fstatSync(fd).isFile()) return fd;
  closeSync(fd);
  throw Object.assign(new ProngError('ERR_PIDFILE', `the pidfile ${path} is not a regular file`), { path });
}

/** Whether a descriptor is still what a path leads to. */
function isAt(path: string, fd: number): boolean {
  try {
    const there = lstatSync(path, { bigint: true });
    const here = fstatSync(fd, { bigint: true });
    return there.ino === here.ino && there.dev === here.dev;
  } catch {
    return false;
  }
}

/**
 * A file that names the process holding it. What counts is its lock, by `fcntl(F_SETLK)`: the kernel drops it however
 * the process ends, so that a file which was left behind is no obstacle, whatever pid it names, and two never hold
 * one. The lock is the process's own: a forked child doesn't have it.
 *
 * As with every such lock, a process that opens the file by itself and closes it again loses it.
 */
export class Pidfile {
  readonly path: string;
  #fd: number | undefined;
  #owner = 0;

  constructor(path: string) {
    checkString('path', path);
    this.path = resolve(path);
  }

  /** Whether this process holds it. */
  get isHeld(): boolean {
    return this.#fd !== undefined && this.#owner === process.pid;
  }

  /**
   * Locks the file and writes this process's pid into it. Symbolic links are not followed.
   *
   * @throws `AlreadyRunningError` with the holder's pid; `ELOOP`, `ERR_PIDFILE`, `ENOTSUP`, and what the file system
   * says (`ENOSPC`, `EACCES`, …), after which nothing is left behind
   */
  acquire(): this {
    const locks = system('Pidfile');
    if (this.isHeld) return this;
    // A second lock of the same process would be granted.
    if (isHeldHere(this.path)) throw new AlreadyRunningError(this.path, process.pid);
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const fd = open(this.path, O_RDWR | O_CREAT);
      try {
        const holder = locks.lockFile(fd);
        if (holder > 0) throw new AlreadyRunningError(this.path, holder);
        // The one that held it has unlinked it, or is about to.
        if (holder < 0 || !isAt(this.path, fd)) {
          closeSync(fd);
          continue;
        }
      } catch (error) {
        closeSync(fd);
        throw error;
      }
      this.#write(fd);
      this.#fd = fd;
      this.#owner = process.pid;
      held.add(this);
      return this;
    }
    throw new AlreadyRunningError(this.path, undefined);
  }

  #write(fd: number): void {
    try {
      ftruncateSync(fd);
      const text = `${process.pid}\n`;
      if (writeSync(fd, text, 0) !== text.length) {
        throw Object.assign(new Error(`ENOSPC: no space left on device, write '${this.path}'`), {
          code: 'ENOSPC',
          path: this.path,
        });
      }
    } catch (error) {
      unlinkSync(this.path);
      closeSync(fd);
      throw error;
    }
  }

  /** The pid of the process that holds it, by the lock and not by what is written there; `undefined` where nobody does. */
  holder(): number | undefined {
    if (isHeldHere(this.path)) return process.pid;
    const locks = system('Pidfile');
    let fd: number;
    try {
      fd = open(this.path, O_RDONLY);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw error;
    }
    try {
      return locks.lockHolder(fd) || undefined;
    } finally {
      closeSync(fd);
    }
  }

  /** The pid that is written there, whoever that is now; `undefined` where there is none. */
  read(): number | undefined {
    const own = [...held].find((pidfile) => pidfile.path === this.path)?.fd;
    let fd = own;
    try {
      fd ??= open(this.path, O_RDONLY);
      const bytes = Buffer.alloc(32);
      const text = bytes.toString('latin1', 0, readSync(fd, bytes, 0, bytes.length, 0));
      const pid = /^\s*(\d{1,10})\s*$/.exec(text)?.[1];
      return pid === undefined ? undefined : Number(pid);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw error;
    } finally {
      if (fd !== undefined && fd !== own) closeSync(fd);
    }
  }

  /** @internal For whom the process is about to become. */
  giveTo(uid: number, gid: number): void {
    if (this.#fd !== undefined) fchownSync(this.#fd, uid, gid);
  }

  /** @internal */
  get fd(): number | undefined {
    return this.#fd;
  }

  /** Removes the file and gives the lock up. Does nothing where this process doesn't hold it. */
  release(): void {
    const fd = this.#fd;
    if (fd === undefined || !this.isHeld) return;
    this.#fd = undefined;
    held.delete(this);
    try {
      // While the lock is held, so that nobody else's file is meant.
      if (isAt(this.path, fd)) unlinkSync(this.path);
    } catch {
      // Out of reach, after chroot or with privileges dropped: an empty file says as much.
      try {
        ftruncateSync(fd);
      } catch {}
    }
    closeSync(fd);
  }

  /** @internal In a forked child: the lock is the parent's, and closing a copy of its descriptor harms nobody. */
  leave(): void {
    const fd = this.#fd;
    this.#fd = undefined;
    if (fd !== undefined) closeSync(fd);
  }

  /** `release()`. */
  [Symbol.dispose](): void {
    this.release();
  }
}

const held = new Set<Pidfile>();
const isHeldHere = (path: string) => [...held].some((pidfile) => pidfile.path === path);

if (native !== undefined) {
  registerInternalAtFork({
    afterInChild() {
      for (const pidfile of held) pidfile.leave();
      held.clear();
    },
  });
}
