/** What a forked child must set right in JavaScript. The order matters: nothing may run before it is done. */
import { leaveChildProcesses } from './children.js';
import { leaveKeptConnections } from './connections.js';
import { findContextSeeds, renewContextSeeds, renewContexts } from './context-random.js';
import { findCryptoCaches, renewCryptoCaches } from './crypto-caches.js';
import { leaveIpcChannel } from './ipc.js';
import { findMathRandom, renewMathRandom } from './math-random.js';
import { dropBufferedWrites } from './queued-writes.js';

/** Before a fork, in the parent. The first time it looks for what it must know; later it costs microseconds. */
export function prepareRepair(): void {
  findMathRandom();
  findContextSeeds();
  findCryptoCaches();
}

/** After a fork, in the child. `entropy`: two numbers of the system's random bytes. */
export function repairChild(pid: number, entropy: [number, number]): void {
  Object.defineProperty(process, 'pid', {
    ...Object.getOwnPropertyDescriptor(process, 'pid'),
    value: pid,
  });
  leaveIpcChannel();
  dropBufferedWrites();
  leaveChildProcesses();
  leaveKeptConnections();
  renewCryptoCaches();
  renewMathRandom(entropy[0]);
  renewContextSeeds(entropy[1]);
  renewContexts(entropy[1]);
}
