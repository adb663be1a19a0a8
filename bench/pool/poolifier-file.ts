/** The file that poolifier's workers load. */
import { workerData } from 'node:worker_threads';
import { requirePeer } from '../harness/peers.js';
import { large, lookAtNumbers, lookAtStrings, spin, tiny } from './tasks.js';

const { ThreadWorker } = requirePeer<{ ThreadWorker: new (functions: object) => object }>('poolifier');
const { data } = (workerData ?? {}) as { data?: never };

export default new ThreadWorker({
  tiny: (x?: number) => tiny(x as number),
  spin: (ms?: number) => spin(ms as number),
  large: (x?: number) => large(x as number),
  strings: (part?: number) => lookAtStrings(data as never, part as number),
  numbers: (part?: number) => lookAtNumbers(data as never, part as number),
});
