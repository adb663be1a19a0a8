/** Bytes that go to another process as a descriptor: the sender writes them once, the receiver maps them. binding/block.cc. */

import { requireNative } from '../../binding.js';
import { close } from '../../posix/descriptors.js';

interface BlockBinding {
  /** A descriptor, or a negative errno. */
  pack(bytes: Uint8Array): number;
  map(fd: number): ArrayBuffer;
  detach(buffer: ArrayBuffer): void;
}

/** From here on (bytes) it costs less than the way through a socket (bench/pool, the row of large results). */
export const BLOCK = 256 << 10;

const native = (): BlockBinding => requireNative<BlockBinding>('block', 'a Pool');

/** `undefined` where no descriptor or memory is left: then the bytes go another way. */
export function pack(bytes: Uint8Array): number | undefined {
  const fd = native().pack(bytes);
  return fd < 0 ? undefined : fd;
}

/** The descriptor is closed; the memory is given back when the buffer is collected. Throws the error of mmap(2). */
export function map(fd: number): ArrayBuffer {
  try {
    return native().map(fd);
  } finally {
    close(fd);
  }
}

/** Gives the memory back at once. Nobody may look at the buffer any more. */
export function unmap(buffer: ArrayBuffer): void {
  native().detach(buffer);
}
