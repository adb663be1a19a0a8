/** The native side: binding/process.cc. Arguments are checked before they get there. */
import { nativePart, requireNative } from '../binding.js';

export interface ProcessBinding {
  getpid(): number;
  getppid(): number;
  getpgrp(): number;
  getpgid(pid: number): number;
  setpgid(pid: number, pgid: number): void;
  getsid(pid: number): number;
  setsid(): number;
  kill(pid: number, signal: number): void;
  killpg(pgid: number, signal: number): void;
  exitNow(code: number): never;
  pipe(inheritable: boolean): [number, number];
  dup(fd: number, inheritable: boolean): number;
  dup2(fd: number, fd2: number, inheritable: boolean): number;
  close(fd: number): void;
  closerange(low: number, high: number): void;
  read(fd: number, bytes: Uint8Array): number;
  write(fd: number, bytes: Uint8Array): number;
  claim(pid: number): void;
  unclaim(pid: number): void;
}

/** `undefined` without an addon, where Node itself may still be able to. */
export const native = nativePart<ProcessBinding>('process');

/** For what Node has no way to do; `what` is the call, as in `setsid()`. */
export function system(what: string): ProcessBinding {
  return native ?? requireNative<ProcessBinding>('process', what);
}
