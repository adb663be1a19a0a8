/** The first code of a process that `spawn` started: `spawned.js <parcel> <report>`, descriptors or files. */
import { closeSync, readFileSync } from 'node:fs';
import { nativePart } from '../../binding.js';
import { dup } from '../../posix/descriptors.js';
import { live } from './child.js';
import { forgetOwnEnd } from './end.js';
import type { Identity } from './identity.js';
import { native } from './native.js';
import { parseParcel, unpackParcel } from './parcel.js';
import { report } from './report.js';

const PARENT_LOOK = 200;

/** A number is a descriptor that was passed on: neither it nor the arena's goes to programs that the child starts. */
function place(argument: string): number | string {
  if (!/^\d+$/.test(argument)) return argument;
  const passed = Number(argument);
  const own = dup(passed);
  closeSync(passed);
  return own;
}

function read(from: number | string): Buffer {
  if (typeof from === 'string') return readFileSync(from);
  // Its offset is shared with whoever wrote it.
  const bytes = readFileSync(`/proc/self/fd/${from}`);
  closeSync(from);
  return bytes;
}

/** Python: a daemonic process doesn't outlive its parent. */
export function dieWithParent({ parentPid = 0 }: Identity, byKernel: boolean): void {
  if (native !== undefined && byKernel) {
    native.dieWithParent(parentPid);
    return;
  }
  setInterval(() => {
    if (process.ppid !== parentPid) process.kill(process.pid, 'SIGKILL');
  }, PARENT_LOOK).unref();
}

function main([parcelAt = '', reportAt = '']: string[]): void {
  // Loaded now, while the variable that names the arena is there.
  require('../../sync/index.js');
  delete process.env.PRONG_ARENA_FD;
  const parcel = parseParcel(read(place(parcelAt)));
  const to = place(reportAt);
  if (parcel.identity.daemon) dieWithParent(parcel.identity, parcel.fromMainThread);
  process.argv = parcel.argv;
  forgetOwnEnd();
  const leave = nativePart<{ exitNow(code: number): never }>('process')?.exitNow;
  live({
    name: parcel.identity.name,
    run: unpackParcel(parcel),
    report: (outcome) => report(to, outcome),
    leave,
  });
}

if (require.main === module) main(process.argv.slice(2));
