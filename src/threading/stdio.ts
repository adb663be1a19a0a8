/**
 * stdout and stderr of a thread. A Worker's go through the main thread's event loop: nothing would be seen while
 * that is blocked in `joinSync`, and the order of two threads' lines would be anybody's guess. These write at once.
 */
import { writeSync } from 'node:fs';
import { Writable } from 'node:stream';
import { isatty, WriteStream } from 'node:tty';
import { sleep } from './table.js';

/** Writes all of it, waiting where the other end is slow and the descriptor doesn't block. */
export function writeAll(fd: number, data: Uint8Array): void {
  let at = 0;
  let wait = 1;
  while (at < data.length) {
    try {
      at += writeSync(fd, data, at);
      wait = 1;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
      sleep(wait);
      wait = Math.min(wait * 2, 20);
    }
  }
}

const FDS = [1, 2];

class FdStream extends Writable {
  readonly fd: number;
  readonly isTTY?: boolean;
  readonly _type = 'fs';
  readonly _isStdio = true;

  constructor(fd: number) {
    super({ decodeStrings: true, emitClose: false });
    this.fd = fd;
    if (isatty(fd)) {
      this.isTTY = true;
      // Colours are decided by these two, which look at nothing but the environment.
      for (const name of ['getColorDepth', 'hasColors'] as const) {
        Object.defineProperty(this, name, { value: WriteStream.prototype[name], configurable: true });
      }
    }
  }

  override _write(chunk: Buffer, _encoding: string, done: (error?: Error | null) => void): void {
    try {
      writeAll(this.fd, chunk);
      done();
    } catch (error) {
      // A reader that is gone is no reason to end a thread over a line of output.
      const { code } = error as NodeJS.ErrnoException;
      done(code === 'EPIPE' || code === 'EBADF' ? null : (error as Error));
    }
  }

  override _destroy(_error: Error | null, done: (error?: Error | null) => void): void {
    done();
  }
}

let ready: FdStream[] | undefined;

/** Before a fork: the child's streams are made here, once for all children. */
export function prepareDirectStdio(): void {
  ready ??= FDS.map((fd) => new FdStream(fd));
}

function takeStream(fd: number): FdStream {
  const made = ready?.[fd - 1];
  // The descriptor may have become another file's since.
  return made !== undefined && (made.isTTY === true) === isatty(fd) ? made : new FdStream(fd);
}

export function useDirectStdio(): void {
  const streams = FDS.map(takeStream);
  ready = undefined;
  for (const stream of streams) {
    const name = stream.fd === 1 ? 'stdout' : 'stderr';
    Object.defineProperty(process, name, {
      value: stream,
      configurable: true,
      enumerable: true,
      writable: true,
    });
  }
}
