/** Checks all options at once and lays out what is to be started, before any system call. */
import { fileURLToPath } from 'node:url';
import { nativeReason } from '../binding.js';
import { notSupported } from '../errors.js';
import {
  checkBoolean,
  checkFunction,
  checkInteger,
  checkString,
  invalidType,
  invalidValue,
  outOfRange,
} from '../util/check.js';
import { type ResolvedCommand, resolveCommand } from './command.js';
import { packEnvironment, resolveEnvironment } from './environment.js';
import { abortError } from './errors.js';
import { native, SpawnFlag, type SpawnSpec } from './native.js';
import { type ResolvedStdio, resolveStdio } from './stdio.js';
import { resolveText, type TextMode } from './text.js';
import type { Command, PopenOptions } from './types.js';

export interface Launch {
  args: Command;
  command: ResolvedCommand;
  env: Record<string, string> | undefined;
  spec: SpawnSpec;
  stdin: ResolvedStdio;
  stdout: ResolvedStdio;
  stderr: ResolvedStdio;
  text: TextMode | null;
  /** 0: none. */
  maxBuffer: number;
  highWaterMark: number | undefined;
  /** A session or process group of its own. */
  leadsGroup: boolean;
  preexecFn: (() => void) | undefined;
  signal: AbortSignal | undefined;
}

const MAX_ID = 0xfffffffe;

function checkFlag(name: string, value: unknown, otherwise: boolean): boolean {
  if (value === undefined || value === null) return otherwise;
  checkBoolean(`options.${name}`, value);
  return value;
}

function resolveId(name: string, value: unknown, find: 'userId' | 'groupId'): number {
  if (typeof value === 'number') {
    checkInteger(name, value, 0, MAX_ID);
    return value;
  }
  if (typeof value !== 'string') throw invalidType(name, 'a name or a number', value);
  checkString(name, value);
  if (native === undefined)
    throw notSupported(`a name in ${name}`, `only numbers can be used, because ${nativeReason}`);
  const id = native[find](value);
  if (id === null) throw invalidValue(name, `names no ${find === 'userId' ? 'user' : 'group'} here`, value);
  return id;
}

function resolveDirectory(cwd: unknown): string {
  const path = cwd instanceof URL ? fileURLToPath(cwd) : cwd;
  checkString('options.cwd', path);
  return path;
}

function addIdentity(spec: SpawnSpec, options: PopenOptions): void {
  const { user, group, extraGroups, umask, processGroup, pipesize } = options;
  if (user !== undefined && user !== null) spec.uid = resolveId('options.user', user, 'userId');
  if (group !== undefined && group !== null) spec.gid = resolveId('options.group', group, 'groupId');
  if (extraGroups !== undefined && extraGroups !== null) {
    if (!Array.isArray(extraGroups)) throw invalidType('options.extraGroups', 'an array', extraGroups);
    spec.groups = extraGroups.map((entry: unknown, i: number) =>
      resolveId(`options.extraGroups[${i}]`, entry, 'groupId'),
    );
  }
  if (umask !== undefined) {
    checkInteger('options.umask', umask, -1, 0o7777);
    if (umask >= 0) spec.umask = umask;
  }
  if (processGroup !== undefined && processGroup !== null) {
    checkInteger('options.processGroup', processGroup, -1, 0x7fffffff);
    if (processGroup >= 0) spec.processGroup = processGroup;
  }
  if (pipesize !== undefined) {
    checkInteger('options.pipesize', pipesize, -1, 0x7fffffff);
    if (pipesize > 0) spec.pipesize = pipesize;
  }
}

function addFlags(spec: SpawnSpec, options: PopenOptions): void {
  const { passFds } = options;
  if (passFds !== undefined && passFds !== null) {
    if (!Array.isArray(passFds)) throw invalidType('options.passFds', 'an array of descriptors', passFds);
    for (const fd of passFds as unknown[]) checkInteger('an entry of options.passFds', fd, 0, 0x7fffffff);
    if (passFds.length > 0) spec.passFds = passFds.slice();
  }
  let flags = 0;
  // Python: passing descriptors implies closing the others.
  if (checkFlag('closeFds', options.closeFds, true) || spec.passFds) flags |= SpawnFlag.closeFds;
  if (checkFlag('startNewSession', options.startNewSession, false)) flags |= SpawnFlag.newSession;
  if (checkFlag('restoreSignals', options.restoreSignals, true)) flags |= SpawnFlag.restoreSignals;
  if (checkFlag('trackOrphans', options.trackOrphans, false)) flags |= SpawnFlag.subreaper;
  spec.flags = flags;
}

function checkSignal(signal: unknown): AbortSignal | undefined {
  if (signal === undefined || signal === null) return undefined;
  if (typeof signal !== 'object' || !('aborted' in signal)) {
    throw invalidType('options.signal', 'an instance of AbortSignal', signal);
  }
  return signal as AbortSignal;
}

/** @throws ERR_INVALID_ARG_TYPE, ERR_INVALID_ARG_VALUE, ERR_OUT_OF_RANGE; ABORT_ERR if `signal` is aborted */
export function prepareLaunch(args: Command, options: PopenOptions = {}): Launch {
  if (typeof options !== 'object' || options === null) throw invalidType('options', 'an object', options);
  const command = resolveCommand(args, options);
  const stdin = resolveStdio('stdin', options.stdin);
  const stdout = resolveStdio('stdout', options.stdout);
  const stderr = resolveStdio('stderr', options.stderr);
  const env = resolveEnvironment(options.env);
  const spec: SpawnSpec = {
    file: command.file,
    argv: `${command.argv.join('\0')}\0`,
    stdin: stdin.mode,
    stdout: stdout.mode,
    stderr: stderr.mode,
    flags: 0,
  };
  if (env !== undefined) spec.env = packEnvironment(env);
  if (options.cwd !== undefined && options.cwd !== null) spec.cwd = resolveDirectory(options.cwd);
  addIdentity(spec, options);
  addFlags(spec, options);
  const { bufsize, maxBuffer, preexecFn } = options;
  if (bufsize !== undefined) checkInteger('options.bufsize', bufsize, -1);
  if (maxBuffer !== undefined && maxBuffer !== Number.POSITIVE_INFINITY) {
    if (typeof maxBuffer !== 'number') throw invalidType('options.maxBuffer', 'of type number', maxBuffer);
    if (!(maxBuffer > 0)) throw outOfRange('options.maxBuffer', 'above 0', maxBuffer);
  }
  if (preexecFn !== undefined && preexecFn !== null) checkFunction('options.preexecFn', preexecFn);
  const signal = checkSignal(options.signal);
  const text = resolveText(options);
  if (signal?.aborted) throw abortError(signal);
  return {
    args,
    command,
    env,
    spec,
    stdin,
    stdout,
    stderr,
    text,
    maxBuffer: maxBuffer === undefined || !Number.isFinite(maxBuffer) ? 0 : Math.floor(maxBuffer),
    highWaterMark: bufsize !== undefined && bufsize > 1 ? bufsize : undefined,
    leadsGroup: (spec.flags & SpawnFlag.newSession) !== 0 || spec.processGroup === 0,
    preexecFn: preexecFn ?? undefined,
    signal,
  };
}
