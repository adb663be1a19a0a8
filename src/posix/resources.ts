/** The native side: binding/resources.cc. */
import { nativePart, requireNative } from '../binding.js';

export interface ResourcesBinding {
  umask(mask: number): number;
  nice(increment: number): number;
  getpriority(which: number, who: number): number;
  setpriority(which: number, who: number, value: number): void;
  getrlimit(resource: number): [number, number];
  setrlimit(resource: number, soft: number, hard: number): void;
  getaffinity(pid: number): number[];
  setaffinity(pid: number, cpus: number[]): void;
  cpuCount(): number;
  setpdeathsig(signal: number): void;
}

/** `undefined` without an addon, where Node itself may still be able to. */
export const native = nativePart<ResourcesBinding>('resources');

export function resources(what: string): ResourcesBinding {
  return native ?? requireNative<ResourcesBinding>('resources', what);
}
