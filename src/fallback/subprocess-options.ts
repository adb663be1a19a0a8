/** What child_process can do of a launch, and why not the rest. */

import type { IOType, SpawnOptions } from 'node:child_process';
import { accessSync, constants, statSync } from 'node:fs';
import { constants as osConstants } from 'node:os';
import { isAbsolute, join, resolve } from 'node:path';
import { nativeReason } from '../binding.js';
import { notSupported } from '../errors.js';
import { DEVNULL, PIPE, STDOUT } from '../subprocess/constants.js';
import type { Launch } from '../subprocess/launch.js';
import { SpawnFlag } from '../subprocess/native.js';

type Stdio = IOType | number;

function systemError(code: string, syscall: string, path: string): NodeJS.ErrnoException {
  const errno = -(osConstants.errno as Record<string, number>)[code]!;
  return Object.assign(new Error(`${code}: ${syscall} '${path}'`), { code, errno, syscall, path });
}

/** child_process tells of these only later, or mixes them up. */
function checkProgram({ spec, env }: Launch): void {
  const base = spec.cwd ?? process.cwd();
  if (spec.cwd !== undefined) {
    const stat = statSync(spec.cwd, { throwIfNoEntry: false });
    if (stat === undefined) throw systemError('ENOENT', 'chdir', spec.cwd);
    if (!stat.isDirectory()) throw systemError('ENOTDIR', 'chdir', spec.cwd);
  }
  const path = (env ?? process.env).PATH ?? '/bin:/usr/bin';
  const candidates = spec.file.includes('/')
    ? [isAbsolute(spec.file) ? spec.file : resolve(base, spec.file)]
    : path.split(':').map((directory) => resolve(base, join(directory === '' ? '.' : directory, spec.file)));
  let code = 'ENOENT';
  for (const candidate of candidates) {
    const stat = statSync(candidate, { throwIfNoEntry: false });
    if (stat === undefined) continue;
    code = 'EACCES';
    if (!stat.isFile()) continue;
    try {
      accessSync(candidate, constants.X_OK);
      return;
    } catch {
      // Another directory of PATH may have it.
    }
  }
  throw systemError(code, 'execve', spec.file);
}

function checkSupported({ spec, preexecFn }: Launch): void {
  const missing: string[] = [];
  if (preexecFn !== undefined) missing.push('preexecFn');
  if (spec.groups !== undefined) missing.push('extraGroups');
  if (spec.umask !== undefined) missing.push('umask');
  if (spec.pipesize !== undefined) missing.push('pipesize');
  if (spec.processGroup !== undefined) missing.push('processGroup');
  if ((spec.flags & SpawnFlag.restoreSignals) === 0) missing.push('restoreSignals: false');
  if (missing.length > 0) {
    throw notSupported(
      `${missing.join(', ')} of prong/subprocess`,
      `child_process has no such thing, and ${nativeReason}`,
    );
  }
}

const one = (mode: number): Stdio =>
  mode === PIPE ? 'pipe' : mode === DEVNULL ? 'ignore' : mode >= 0 ? mode : 'inherit';

export interface FallbackStart {
  file: string;
  args: string[];
  options: SpawnOptions;
}

/** @throws ENOTSUP; ENOENT, EACCES, ENOTDIR */
export function fallbackStart(launch: Launch): FallbackStart {
  checkSupported(launch);
  checkProgram(launch);
  const { spec, command, env } = launch;
  const [name, ...args] = command.argv as [string, ...string[]];
  const stdout = one(spec.stdout);
  // Inherited: the parent's stdout, not its stderr.
  const same = stdout === 'inherit' ? 1 : stdout;
  const stdio: Stdio[] = [one(spec.stdin), stdout, spec.stderr === STDOUT ? same : one(spec.stderr)];
  for (const fd of spec.passFds ?? []) {
    while (stdio.length < fd) stdio.push('ignore');
    if (fd > 2) stdio[fd] = fd;
  }
  const options: SpawnOptions = {
    stdio,
    detached: (spec.flags & SpawnFlag.newSession) !== 0,
    ...(env === undefined ? {} : { env }),
    ...(spec.cwd === undefined ? {} : { cwd: spec.cwd }),
    ...(spec.uid === undefined ? {} : { uid: spec.uid }),
    ...(spec.gid === undefined ? {} : { gid: spec.gid }),
  };
  if (spec.stderr !== STDOUT || spec.stdout !== PIPE) {
    return { file: command.file, args, options: { ...options, argv0: name } };
  }
  // child_process gives each pipe its own end; a shell can join them.
  if (name !== command.file) {
    throw notSupported(
      'executable together with stderr: STDOUT',
      `a shell joins the two, and ${nativeReason}`,
    );
  }
  return { file: '/bin/sh', args: ['-c', 'exec "$0" "$@" 2>&1', name, ...args], options };
}
