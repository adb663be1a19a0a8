/** Chooses the file of a start method. */
import { getStartMethod } from './context.js';
import { becomeCurrent } from './current.js';
import type { Identity } from './identity.js';
import { setOwnAuthkey } from './identity.js';
import type { Popen, StartMethod } from './popen.js';
import { startFork } from './popen-fork.js';
import type { Process } from './process.js';

interface Settings {
  method: StartMethod | undefined;
  inherit: number[];
  authkey: Buffer | undefined;
}

export interface Started {
  popen: Popen;
  /** Settles when the process runs. */
  started: Promise<void> | undefined;
}

export function startProcess(process: Process, identity: Identity, settings: Settings): Started {
  const method = settings.method ?? getStartMethod();
  const { authkey } = process;
  if (method !== 'fork') throw new Error(`start method ${method} is still to come`);
  const popen = startFork({
    identity,
    inherit: settings.inherit,
    run: () => {
      setOwnAuthkey(authkey);
      becomeCurrent(process, identity);
      return process.run();
    },
  });
  return { popen, started: undefined };
}
