/** `runSync` over child_process, where there is no addon. On a timeout only the program itself is killed. */
import { spawnSync } from 'node:child_process';
import { constants } from 'node:os';
import type { Source } from '../subprocess/input.js';
import type { Launch } from '../subprocess/launch.js';
import { Outcome } from '../subprocess/native.js';
import type { SyncResult } from '../subprocess/run-sync.js';
import { toBytes } from '../subprocess/text.js';
import { fallbackStart } from './subprocess-options.js';

function inputBytes(source: Source | undefined, launch: Launch): Uint8Array | undefined {
  if (source === undefined) return undefined;
  if (source.kind === 'bytes') return source.bytes;
  const pieces = [...(source.stream as Iterable<unknown>)].map((piece) =>
    toBytes(piece, launch.text, 'a piece of input'),
  );
  return Buffer.concat(pieces);
}

/** @throws ENOTSUP; ENOENT, EACCES, ENOTDIR and what spawnSync reports */
export function runSyncFallback(launch: Launch, source: Source | undefined, timeout: number): SyncResult {
  const { maxBuffer } = launch;
  const { file, args, options } = fallbackStart(launch);
  const input = inputBytes(source, launch);
  const { status, signal, stdout, stderr, error } = spawnSync(file, args, {
    ...options,
    ...(input === undefined ? {} : { input }),
    // spawnSync takes 0 as no limit, which is not what it means here.
    ...(timeout === Number.POSITIVE_INFINITY ? {} : { timeout: Math.max(1, Math.ceil(timeout)) }),
    maxBuffer: maxBuffer === 0 ? Number.POSITIVE_INFINITY : maxBuffer,
    killSignal: 'SIGKILL',
  });
  const { code } = (error ?? {}) as NodeJS.ErrnoException;
  if (error !== undefined && code !== 'ETIMEDOUT' && code !== 'ENOBUFS') throw error;
  return {
    returncode: signal === null ? status! : -constants.signals[signal],
    outcome: code === 'ETIMEDOUT' ? Outcome.timeout : code === 'ENOBUFS' ? Outcome.overflow : Outcome.done,
    stdout: (stdout as Buffer | null) ?? undefined,
    stderr: (stderr as Buffer | null) ?? undefined,
  };
}
