/** Who this process is among those that prong started. A child sets it before anything else. */
import { randomFillSync } from 'node:crypto';
import { nativePart } from '../../binding.js';
import { registerInternalAtFork } from '../../posix/at-fork.js';
import type { Process } from './process.js';

export interface Identity {
  /** The numbers in `Process-1:2`: empty in the main process. */
  readonly path: readonly number[];
  readonly name: string;
  readonly daemon: boolean;
  readonly parentPid: number | undefined;
  readonly parentName: string | undefined;
}

const AUTHKEY_BYTES = 32;

let own: Identity = {
  path: [],
  name: 'MainProcess',
  daemon: false,
  parentPid: undefined,
  parentName: undefined,
};
let count = 0;
let authkey: Buffer | undefined;

/** Those that this process started and that have not been seen to end. */
export const children = new Set<Process>();

// After a plain fork() they are the parent's to end and to wait for.
registerInternalAtFork({ afterInChild: () => children.clear() });

export const identity = (): Identity => own;

export const nextNumber = (): number => ++count;

/** In a child. */
export function become(identity: Identity): void {
  own = identity;
  count = 0;
  children.clear(); // Not every child is a forked one.
}

/** The key of this family of processes: made by the main one, the same in all. */
export function ownAuthkey(): Buffer {
  if (authkey === undefined) {
    authkey = Buffer.alloc(AUTHKEY_BYTES);
    const random = nativePart<{ entropy(): number }>('fork');
    if (random === undefined) randomFillSync(authkey);
    else for (let at = 0; at < AUTHKEY_BYTES; at += 4) authkey.writeUInt32LE(random.entropy(), at);
  }
  return authkey;
}

export function setOwnAuthkey(key: Buffer): void {
  authkey = key;
}
