/** The native side, binding/spawn*.cc. Descriptors and processes go by number, watches and exchanges by id. */
import { subscribe } from 'node:diagnostics_channel';
import { isMainThread } from 'node:worker_threads';
import { nativePart } from '../binding.js';

/** What is to be started, as binding/spawn_request.cc reads it. */
export interface SpawnSpec {
  file: string;
  /** Each argument followed by a NUL. */
  argv: string;
  /** `NAME=value`, each followed by a NUL; without it the parent's environment. */
  env?: string;
  cwd?: string;
  stdin: number;
  stdout: number;
  stderr: number;
  flags: number;
  pipesize?: number;
  processGroup?: number;
  uid?: number;
  gid?: number;
  groups?: number[];
  umask?: number;
  passFds?: number[];
}

export const SpawnFlag = { closeFds: 1, newSession: 2, restoreSignals: 4, subreaper: 8 } as const;

/** As `Exchange::Outcome`. */
export const Outcome = {
  done: 0,
  timeout: 1,
  overflow: 2,
  hungry: 3,
  noMemory: 4,
  inputOnly: 5,
  inputLost: 6,
} as const;

export type Outputs = [Buffer | undefined, Buffer | undefined];

export interface SpawnBinding {
  start(spec: SpawnSpec, result: Int32Array): void;
  run(
    spec: SpawnSpec,
    input: Uint8Array | undefined,
    timeout: number,
    limit: number,
    result: Int32Array,
  ): Outputs;
  reap(pid: number): number | null;
  waitSync(pid: number, pidfd: number, timeout: number): number | null;
  kill(pid: number, signal: number): void;
  killTree(
    pid: number,
    pidfd: number,
    alive: boolean,
    leadsGroup: boolean,
    signal: number,
    exchange: number,
    ...fds: number[]
  ): number;
  /** -1 where the kernel has none. */
  pidfd(pid: number): number;
  close(fd: number): void;
  read(fd: number, size: number): Buffer | null;
  write(fd: number, bytes: Uint8Array, offset: number): number;
  userId(name: string): number | null;
  groupId(name: string): number | null;
  openStdio(spec: SpawnSpec): number[];
  prepareChild(spec: SpawnSpec, stdin: number, stdout: number, stderr: number): object;
  executeChild(plan: object, report: number): never;
  /** Whether no Worker can start programs beside this thread. */
  setOnlyThread(only: boolean): void;
  exitNow(code: number): never;
  onReports(callback: (reports: number[]) => void): void;
  watchChild(pid: number, pidfd: number): number;
  watchFd(fd: number): number;
  armFd(id: number, writable: boolean, hold: boolean): void;
  unwatch(id: number): void;
  hold(id: number, hold: boolean): void;
  afterFork(): void;
  exchangeOpen(stdin: number, stdout: number, stderr: number, limit: number): number;
  exchangeFeed(id: number, bytes: Uint8Array | undefined, last: boolean): void;
  exchangeStart(id: number): number | null;
  exchangePause(id: number): void;
  exchangeRunSync(id: number, timeout: number): number;
  exchangePeek(id: number): [Buffer, Buffer];
  exchangeTake(id: number): [Buffer, Buffer];
}

export const native = nativePart<SpawnBinding>('spawn');

// While a tree is killed, other programs' orphans come to us. They can be told from another thread's children for sure
// only where there is no other thread.
if (native !== undefined && isMainThread && !process.getActiveResourcesInfo().includes('MessagePort')) {
  native.setOnlyThread(true);
  subscribe('worker_threads', () => native.setOnlyThread(false));
}
