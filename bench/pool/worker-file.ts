/** The file that piscina's and tinypool's workers load. */
import { workerData } from 'node:worker_threads';
import { requirePeer } from '../harness/peers.js';
import { large, lookAtNumbers, lookAtStrings, spin, tiny } from './tasks.js';

// tinypool wraps what it is given; piscina doesn't.
const given = (Array.isArray(workerData) ? workerData[1] : workerData) as { data?: never } | undefined;

export { large, spin, tiny };

/** Handed over instead of copied: what piscina has for it. */
export const moved = (x: number): unknown =>
  requirePeer<{ move(value: unknown): unknown }>('piscina').move(large(x));
export const chunk = (items: number[]): number[] => items.map(tiny);
export const strings = (part: number): number => lookAtStrings(given?.data as never, part);
export const numbers = (part: number): number => lookAtNumbers(given?.data as never, part);
