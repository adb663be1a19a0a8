/** What a process that doesn't share our memory is given: its closure, and who it is. */
import { deserialize, serialize } from 'node:v8';
import { isMainThread } from 'node:worker_threads';
import type * as CaptureModule from '../../closure/capture-value.js';
import { ClosureError } from '../../closure/errors.js';
import { reviveValue } from '../../closure/revive-value.js';
import type { SerializedClosure } from '../../closure/types.js';
import type * as CurrentModule from './current.js';
import { become, type Identity, setOwnAuthkey } from './identity.js';
import type { StartMethod } from './popen.js';
import type { Process } from './process.js';

/** What a process is made of. */
export interface Work {
  /** The subclass, if it is one. */
  owner?: { prototype: object };
  /** What the constructor of the subclass set. */
  fields: Record<string, unknown>;
  target?: ((...args: unknown[]) => unknown) | undefined;
  args: readonly unknown[];
  kwargs?: Record<string, unknown> | undefined;
}

export interface Parcel {
  identity: Identity;
  authkey: Uint8Array;
  method: StartMethod;
  argv: string[];
  directory: string;
  /** The system tells the child when the thread that started it ends: only the main one ends with the process. */
  fromMainThread: boolean;
  closure: SerializedClosure;
}

export interface Packing {
  parcel: Parcel;
  transferList: object[];
}

/** Throws `ClosureError` naming what can't travel. */
export function makeParcel(
  work: Work,
  identity: Identity,
  authkey: Uint8Array,
  method: StartMethod,
): Packing {
  // Loaded late: who only forks has no use for the parser.
  const { captureValue } = require('../../closure/capture-value.js') as typeof CaptureModule;
  const { data, transferList } = captureValue(work, 'process');
  const parcel: Parcel = {
    identity,
    authkey: new Uint8Array(authkey),
    method,
    argv: process.argv,
    directory: process.cwd(),
    fromMainThread: isMainThread,
    closure: data,
  };
  return { parcel, transferList };
}

/** To another process. Throws `ClosureError` for what only threads can share. */
export function serializeParcel({ parcel, transferList }: Packing): Buffer {
  if (transferList.length > 0) {
    throw new ClosureError('a MessagePort or another object that is handed over can only go to a thread', {});
  }
  try {
    return serialize(parcel);
  } catch (cause) {
    throw new ClosureError(`something in it can't go to another process (${(cause as Error).message})`, {});
  }
}

export const parseParcel = (bytes: Uint8Array): Parcel => deserialize(bytes) as Parcel;

/** In the new process: becomes what the parcel says. Gives what runs the target. */
export function unpackParcel({ identity, authkey, closure }: Parcel): () => Promise<unknown> {
  become(identity);
  setOwnAuthkey(Buffer.from(authkey));
  return async () => {
    const { owner, fields, target, args, kwargs } = (await reviveValue(closure)) as Work;
    const { makeCurrent } = require('./current.js') as typeof CurrentModule;
    const own: Process = makeCurrent(identity, owner?.prototype, { target, args, kwargs });
    Object.assign(own, fields);
    return own.run();
  };
}
