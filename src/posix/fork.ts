/** `fork()` itself: the order of what happens around the system call. The call is in src-native/core/fork. */
import { isMainThread } from 'node:worker_threads';
import { nativePart, nativeReason } from '../binding.js';
import { notSupported, ProngError } from '../errors.js';
import { invalidType, invalidValue } from '../util/check.js';
import { runAfterInChild, runAfterInParent, runBefore } from './at-fork.js';
import { ageYoungGeneration } from './heap/young-generation.js';
import { prepareRepair, repairChild } from './repair/index.js';

interface ForkBinding {
  fork(abandonWorkers: boolean, keepPaths: boolean): number;
  whyNot(): string | undefined;
  getpid(): number;
  entropy(): number;
  standardStreams(): number;
}

/** What `fork()` gives here: `full` is everything README.md promises. */
export interface ForkCapability {
  grade: 'full' | 'basic' | false;
  /** Why there is no higher grade. */
  reason?: string;
}

/** How to fork. */
export interface ForkOptions {
  /**
   * What becomes of live `Worker`s. By default `fork()` refuses to run beside one (`ERR_LIVE_WORKER`). With
   * `'abandon'` they go on in the parent and do not exist in the child. One that is ending is waited for, up to 200 ms.
   */
  workers?: 'abandon';
}

declare global {
  namespace NodeJS {
    interface Process {
      reallyExit(code: number): never;
    }
  }
}

const native = nativePart<ForkBinding>('fork');
let capability: ForkCapability | undefined;

/** Throws `EAGAIN` where it takes a thread to find out, and none is to be had. */
function findCapability(): ForkCapability {
  if (capability === undefined) {
    const reason = native === undefined ? nativeReason : native.whyNot();
    capability = reason === undefined ? { grade: 'full' } : { grade: false, reason };
  }
  return capability;
}

/** Finds out, once, whether `fork()` works on this machine. */
export function forkCapability(): ForkCapability {
  try {
    return findCapability();
  } catch (error) {
    return { grade: false, reason: (error as Error).message };
  }
}

function checkOptions(options: unknown): boolean {
  if (options === undefined) return false;
  if (typeof options !== 'object' || options === null) throw invalidType('options', 'an object', options);
  const { workers } = options as ForkOptions;
  if (workers === undefined) return false;
  if (workers !== 'abandon') throw invalidValue('options.workers', "must be 'abandon' or undefined", workers);
  return true;
}

/**
 * Node's natural end takes the environment down, and insists that every Worker has stopped. An abandoned one never
 * will: the process ends as by `process.exit()`, which does not.
 */
function endWithoutWorkers(): void {
  const { emit } = process;
  let failing = false;
  process.emit = function (this: NodeJS.Process, event: string, ...args: unknown[]) {
    if (event === 'uncaughtExceptionMonitor') failing = true;
    const heard = Reflect.apply(emit, this, [event, ...args]) as boolean;
    if (event === 'uncaughtException' && heard) failing = false;
    // An exception is printed after this event, and then Node exits by itself, without insisting.
    if (event === 'exit' && !failing) process.reallyExit(Number(process.exitCode ?? args[0] ?? 0));
    return heard;
  } as typeof process.emit;
}

/**
 * Copies this process. It returns twice: the child's pid in the parent, and `0` in the child, which goes on from here
 * with a copy of everything: the heap, pending timers, open descriptors, Node's helper threads.
 *
 * The child's memory is shared with the parent until one of them writes to it. What belongs to the parent stays the
 * parent's: output that is queued, signals that are pending, the IPC channel, and the children. Random numbers differ.
 *
 * Requests that are under way in the thread pool (fs, dns, crypto, zlib) are waited for, so that their callbacks run on
 * both sides and their effects happen once; a request that sleeps in the kernel for more than 3 s, or the pool being
 * at work for 10 s, ends in `EBUSY`.
 *
 * @returns the child's pid in the parent, `0` in the child
 * @throws `ENOTSUP` where this platform can't (see `capabilities`), `ERR_LIVE_WORKER` beside a live `Worker`,
 * `ERR_NOT_MAIN_THREAD` in a `Worker`, `EBUSY`, and fork(2)'s own `EAGAIN`, `ENOMEM`, `EMFILE`. The parent goes on
 * unharmed after each.
 * @see https://pubs.opengroup.org/onlinepubs/9799919799/functions/fork.html
 */
export function fork(options?: ForkOptions): number {
  return forkProcess(checkOptions(options), false);
}

/** For a parent that ends at once: the paths of its listening sockets become the child's, to be removed at the end. */
export function forkSuccessor(): number {
  return forkProcess(false, true);
}

function forkProcess(abandonWorkers: boolean, keepPaths: boolean): number {
  const { grade, reason } = findCapability();
  if (grade === false || native === undefined) throw notSupported('fork()', reason ?? 'no native addon');
  if (!isMainThread) {
    throw new ProngError(
      'ERR_NOT_MAIN_THREAD',
      'fork() works on the main thread only: in the child of a Worker there would be no main thread. Ask the main thread to fork',
    );
  }
  ageYoungGeneration();
  prepareRepair();
  runBefore();
  let pid: number;
  try {
    pid = native.fork(abandonWorkers, keepPaths);
  } catch (error) {
    runAfterInParent();
    throw error;
  }
  if (pid === 0) {
    repairChild(native.getpid(), [native.entropy(), native.entropy()]);
    if (abandonWorkers) endWithoutWorkers();
    runAfterInChild();
  } else {
    runAfterInParent();
  }
  return pid;
}
