/** What a forked child must set right in JavaScript. The order matters: nothing may run before it is done. */
import { leaveChildProcesses } from './children.js';
import { leaveKeptConnections, rehearseKeptConnections } from './connections.js';
import { findContextSeeds, hasOtherContexts, renewContextSeeds, renewContexts } from './context-random.js';
import { findCryptoCaches, renewCryptoCaches } from './crypto-caches.js';
import { leaveIpcChannel } from './ipc.js';
import { findMathRandom, renewMathRandom } from './math-random.js';
import { dropBufferedWrites, streamsAmong } from './queued-writes.js';

/** Before a fork, in the parent. The first time it looks for what it must know; later it costs microseconds. */
export function prepareRepair(): void {
  findMathRandom();
  findContextSeeds();
  findCryptoCaches();
  // Standard streams on files are made here, once, instead of in every child.
  streamsAmong([]);
  if (!rehearsed) rehearse();
}

let rehearsed = false;

/**
 * What the child will do, with nothing to do: V8 compiles a function, and Node loads what it needs, when it first runs, and
 * each child would do so anew.
 */
function rehearse(): void {
  rehearsed = true;
  setPid(process.pid);
  leaveIpcChannel({});
  activeHandles();
  dropBufferedWrites([]);
  leaveChildProcesses([]);
  rehearseKeptConnections();
  renewCryptoCaches();
  hasOtherContexts();
}

const activeHandles = () => (process as unknown as { _getActiveHandles(): unknown[] })._getActiveHandles();

function setPid(pid: number): void {
  const property = Object.getOwnPropertyDescriptor(process, 'pid');
  Object.defineProperty(process, 'pid', { ...property, value: pid });
}

/** After a fork, in the child. `entropy`: two numbers of the system's random bytes. */
export function repairChild(pid: number, entropy: [number, number]): void {
  setPid(pid);
  leaveIpcChannel();
  const handles = activeHandles();
  dropBufferedWrites(streamsAmong(handles));
  leaveChildProcesses(handles);
  leaveKeptConnections();
  renewCryptoCaches();
  renewMathRandom(entropy[0]);
  renewContextSeeds(entropy[1]);
  renewContexts(entropy[1]);
}
