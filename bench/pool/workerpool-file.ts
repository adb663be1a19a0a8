/** The file that workerpool's workers load. */
import { workerData } from 'node:worker_threads';
import { requirePeer } from '../harness/peers.js';
import { large, lookAtNumbers, lookAtStrings, spin, tiny } from './tasks.js';

const workerpool = requirePeer<{ worker(functions: object): void }>('workerpool');
const { data } = (workerData ?? {}) as { data?: never };

workerpool.worker({
  tiny,
  spin,
  large,
  strings: (part: number) => lookAtStrings(data as never, part),
  numbers: (part: number) => lookAtNumbers(data as never, part),
});
