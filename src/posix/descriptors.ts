/** Descriptors by number. Each call throws what its POSIX page names: `EBADF`, `EMFILE`, `EAGAIN`, `EPIPE`... */
import { closeSync, readSync, writeSync } from 'node:fs';
import { isAnyArrayBuffer } from 'node:util/types';
import { checkInteger, invalidType } from '../util/check.js';
import { checkFd, checkInheritable, type InheritOptions } from './arguments.js';
import { native, system } from './native.js';

const LARGEST_READ = 2 ** 31 - 1;
// Beyond this a short read is copied, so as not to keep the whole memory for it.
const WASTE_BELOW = 64 * 1024;

/**
 * Makes a pipe: `[readFd, writeFd]`, closed by an exec unless `{ inheritable: true }`.
 *
 * @see https://pubs.opengroup.org/onlinepubs/9799919799/functions/pipe.html
 */
export function pipe(options?: InheritOptions): [readFd: number, writeFd: number] {
  return system('pipe()').pipe(checkInheritable(options));
}

/**
 * Another descriptor for the same open file: the lowest free number, closed by an exec unless `{ inheritable: true }`.
 *
 * @see https://pubs.opengroup.org/onlinepubs/9799919799/functions/dup.html
 */
export function dup(fd: number, options?: InheritOptions): number {
  checkFd('fd', fd);
  return system('dup()').dup(fd, checkInheritable(options));
}

/**
 * Makes `fd2` a descriptor for what `fd` is, closing what it was, and returns it. It is closed by an exec unless
 * `{ inheritable: true }`; 0, 1 and 2 always survive the `exec*` functions.
 *
 * @see https://pubs.opengroup.org/onlinepubs/9799919799/functions/dup2.html
 */
export function dup2(fd: number, fd2: number, options?: InheritOptions): number {
  checkFd('fd', fd);
  checkFd('fd2', fd2);
  return system('dup2()').dup2(fd, fd2, checkInheritable(options));
}

/**
 * Closes a descriptor.
 *
 * @throws `EBADF` where it isn't open
 * @see https://pubs.opengroup.org/onlinepubs/9799919799/functions/close.html
 */
export function close(fd: number): void {
  checkFd('fd', fd);
  if (native) native.close(fd);
  else closeSync(fd);
}

/**
 * Closes all descriptors from `low` up to but not including `high`, as Python's `os.closerange`. Those that aren't open
 * are no error. What Node's event loop works by stays open, or the process would abort: epoll sets, eventfds and libuv's
 * own pipes.
 */
export function closerange(low: number, high: number): void {
  checkFd('low', low);
  checkFd('high', high);
  system('closerange()').closerange(low, high);
}

/**
 * Reads up to `n` bytes, waiting until there are some. An empty buffer is the end.
 *
 * @throws `EAGAIN` where `fd` is non-blocking and there is nothing now
 * @see https://pubs.opengroup.org/onlinepubs/9799919799/functions/read.html
 */
export function read(fd: number, n: number): Buffer {
  checkFd('fd', fd);
  checkInteger('n', n, 0, LARGEST_READ);
  const bytes = Buffer.allocUnsafe(n);
  const got = native ? native.read(fd, bytes) : readSync(fd, bytes);
  const part = bytes.subarray(0, got);
  return n > WASTE_BELOW && got < n / 2 ? Buffer.from(part) : part;
}

function bytesOf(data: unknown): Uint8Array {
  if (typeof data === 'string') return Buffer.from(data);
  if (ArrayBuffer.isView(data)) return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  if (isAnyArrayBuffer(data)) return new Uint8Array(data);
  throw invalidType('data', 'a string, an ArrayBuffer, a Buffer, a TypedArray or a DataView', data);
}

/**
 * Writes once, waiting until something can be written, and returns how many bytes went: fewer than there are, perhaps.
 *
 * @param data a string is written as UTF-8
 * @throws `EPIPE` where nobody reads, `EAGAIN` where `fd` is non-blocking and full
 * @see https://pubs.opengroup.org/onlinepubs/9799919799/functions/write.html
 */
export function write(fd: number, data: string | ArrayBuffer | NodeJS.ArrayBufferView): number {
  checkFd('fd', fd);
  const bytes = bytesOf(data);
  return native ? native.write(fd, bytes) : writeSync(fd, bytes);
}
