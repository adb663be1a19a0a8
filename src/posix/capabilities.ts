import { inspect } from 'node:util';
import { nativePart, nativeReason } from '../binding.js';
import { forkCapability } from './fork.js';

/** What works on this machine, in this installation. */
export interface Capabilities {
  /** The addon is there. */
  readonly native: boolean;
  /** `full`: everything a `fork()` needs; `basic`: without Node's helper threads; `false`: it throws `ENOTSUP`. */
  readonly fork: 'full' | 'basic' | false;
  /** Locks outlive the death of their holder. */
  readonly robustMutex: boolean;
  /** Locks and thread-specific data are the system's own. */
  readonly pthreads: boolean;
  /** Processes can share memory. */
  readonly sharedMemory: boolean;
  /** As `process.platform`. */
  readonly platform: NodeJS.Platform;
  /** Why something does not work, where that is so. */
  readonly reason?: string;
}

const hasNative = () => nativePart('mutex') !== undefined;

const found = {
  get native() {
    return hasNative();
  },
  get fork() {
    return forkCapability().grade;
  },
  get robustMutex() {
    return hasNative();
  },
  get pthreads() {
    return hasNative();
  },
  get sharedMemory() {
    return hasNative();
  },
  get platform() {
    return process.platform;
  },
  get reason() {
    return nativeReason ?? forkCapability().reason;
  },
} as Capabilities;

// `console.log` shows what is found, not that there are getters.
Object.defineProperty(found, inspect.custom, { value: () => ({ ...found }) });

/**
 * What works here and, where something does not, why. Found out when it is looked at: `fork` takes a moment the first
 * time.
 */
export const capabilities: Capabilities = Object.freeze(found);
