/** The native side: binding/daemon.cc. */
import { nativePart, requireNative } from '../binding.js';

export interface DaemonBinding {
  /** 0 where the lock is ours now, else the pid of who has it; -1 where they have just gone. */
  lockFile(fd: number): number;
  lockHolder(fd: number): number;
  listenUnix(path: string): number;
  /** pid, uid, gid of the other end. */
  peerOf(fd: number): [number, number, number];
  pidfdOpen(pid: number): number;
  hasEnded(pidfd: number, ms: number): boolean;
  /** Blocks until one of them can be read: its index. */
  firstReadable(fds: number[]): number;
  changeRoot(path: string): void;
  sendDatagram(address: string, text: string): void;
  /** Real, effective and saved user; real, effective and saved group. */
  identityOf(): [number, number, number, number, number, number];
  /** PSS and private memory in bytes. */
  memoryOf(pid: number): [number, number];
  silence(fd: number): void;
  closeOthers(low: number, keep: number[]): void;
  terminals(): number[];
}

export const native = nativePart<DaemonBinding>('daemon');

/** Throws `ENOTSUP` with the reason where there is no addon. */
export function system(what: string): DaemonBinding {
  return native ?? requireNative<DaemonBinding>('daemon', what);
}
