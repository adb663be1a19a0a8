/** Chooses the file of a start method. */
import { getStartMethod } from './context.js';
import { becomeCurrent } from './current.js';
import { type Identity, setOwnAuthkey } from './identity.js';
import { makeParcel, type Work } from './parcel.js';
import type { Popen, StartMethod } from './popen.js';
import { startFork } from './popen-fork.js';
import { startForkserver } from './popen-forkserver.js';
import { startSpawn } from './popen-spawn.js';
import { startThread } from './popen-thread.js';
import type { Process } from './process.js';

interface Settings extends Omit<Work, 'owner' | 'fields'> {
  method: StartMethod | undefined;
  inherit: number[];
}

/** `base` is Process itself: what is derived from it travels. */
export function startProcess(
  process: Process,
  identity: Identity,
  { method = getStartMethod(), inherit, target, args, kwargs }: Settings,
  base: object,
): Popen {
  const { authkey } = process;
  if (method === 'fork') {
    const run = () => {
      setOwnAuthkey(authkey);
      becomeCurrent(process, identity);
      return process.run();
    };
    return startFork({ identity, inherit, run });
  }
  const owner = process.constructor as unknown as { prototype: object };
  const work: Work = {
    target,
    args,
    kwargs,
    fields: { ...(process as object) },
    ...(owner === base ? {} : { owner }),
  };
  const packing = makeParcel(work, identity, authkey, method);
  if (method === 'thread') return startThread(packing);
  return method === 'spawn' ? startSpawn(packing, inherit) : startForkserver(packing);
}
