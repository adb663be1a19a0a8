/** `preexecFn`: a real fork, JavaScript in the child, then exec. What fails there comes back through a pipe. */

import { claimChild } from '../posix/claims.js';
import { SubprocessError } from './errors.js';
import type { Launch } from './launch.js';
import { native } from './native.js';

interface Report {
  system: boolean;
  message: string;
  stack?: string | undefined;
  code?: string | undefined;
  errno?: number | undefined;
  syscall?: string | undefined;
  path?: string | undefined;
}

const EXIT_FAILED = 255;

function describe(error: unknown, system: boolean): Report {
  if (!(error instanceof Error)) return { system, message: String(error) };
  const { message, stack, code, errno, syscall, path } = error as NodeJS.ErrnoException;
  return { system, message, stack, code, errno, syscall, path };
}

function writeAll(fd: number, bytes: Uint8Array): void {
  for (let offset = 0; offset < bytes.length; ) offset += native!.write(fd, bytes, offset);
}

function runChild(launch: Launch, stdio: [number, number, number], report: number): never {
  let system = true;
  try {
    const plan = native!.prepareChild(launch.spec, ...stdio);
    system = false;
    const returned: unknown = launch.preexecFn!();
    if (returned instanceof Promise) throw new TypeError('preexecFn must be synchronous');
    system = true;
    native!.executeChild(plan, report);
  } catch (error) {
    writeAll(report, Buffer.from(JSON.stringify(describe(error, system))));
  }
  return native!.exitNow(EXIT_FAILED);
}

function readReport(fd: number): Report | undefined {
  const pieces: Buffer[] = [];
  for (;;) {
    const bytes = native!.read(fd, 4096);
    if (bytes === null || bytes.length === 0) break;
    pieces.push(bytes);
  }
  const text = Buffer.concat(pieces).toString();
  return text === '' ? undefined : (JSON.parse(text) as Report);
}

function revive(report: Report): Error {
  if (report.system) {
    const { code, errno, syscall, path } = report;
    return Object.assign(new Error(report.message), {
      code,
      errno,
      syscall,
      ...(path === undefined ? {} : { path }),
    });
  }
  const cause = Object.assign(new Error(report.message), { stack: report.stack });
  return new SubprocessError('EPREEXEC', `preexecFn threw: ${report.message}`, { cause });
}

/** Fills in `result` as `native.start` does. */
export function startByFork(launch: Launch, result: Int32Array): void {
  // Loaded only here: nothing else in this folder needs it.
  const { fork } = require('../posix/fork.js') as { fork(): number };
  const [in0, in1, in2, our0, our1, our2, reportRead, reportWrite, ...theirs] = native!.openStdio(
    launch.spec,
  ) as [number, number, number, number, number, number, number, number, ...number[]];
  const closeAll = (...fds: number[]) => {
    for (const fd of fds) if (fd >= 0) native!.close(fd);
  };
  let pid: number;
  try {
    pid = fork();
  } catch (error) {
    closeAll(our0, our1, our2, reportRead, reportWrite, ...theirs);
    throw error;
  }
  if (pid === 0) runChild(launch, [in0, in1, in2], reportWrite);
  claimChild(pid);
  closeAll(reportWrite, ...theirs);
  const report = readReport(reportRead);
  closeAll(reportRead);
  if (report !== undefined) {
    native!.waitSync(pid, -1, -1);
    closeAll(our0, our1, our2);
    throw revive(report);
  }
  result.set([pid, native!.pidfd(pid), our0, our1, our2]);
}
