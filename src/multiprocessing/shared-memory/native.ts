/** The native side: binding/shm.cc. */
import { requireNative } from '../../binding.js';

export interface Mapping {
  buffer: ArrayBuffer;
  /** The tracker's number for the name; 0 where it isn't tracked. */
  id: number;
}

export interface ShmBinding {
  create(name: string, size: number, track: boolean): Mapping;
  attach(name: string): Mapping;
  unlink(name: string): void;
  detach(buffer: ArrayBuffer): boolean;
  forget(id: number): void;
  trackerFd(): number;
}

export function native(): ShmBinding {
  return requireNative<ShmBinding>('shm', 'SharedMemory');
}
