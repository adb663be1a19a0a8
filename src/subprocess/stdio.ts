/** What `stdin`, `stdout` and `stderr` may be, turned into a descriptor, a mode, or a stream to pump. */
import type { Readable, Writable } from 'node:stream';
import { checkInteger, invalidType, invalidValue } from '../util/check.js';
import { DEVNULL, INHERIT, PIPE, STDOUT } from './constants.js';
import { native } from './native.js';
import { PipeReader } from './pipe-reader.js';
import { PipeWriter } from './pipe-writer.js';
import type { StdioOption } from './types.js';

export type StdioName = 'stdin' | 'stdout' | 'stderr';

export interface ResolvedStdio {
  /** A mode of constants.ts, or a descriptor. */
  mode: number;
  /** Pumped through a pipe of ours: it has no descriptor, or has data in JavaScript that must not be passed by. */
  pump?: Readable | Writable;
  /** Another program's stream: its descriptor is closed here once the child has it, so that SIGPIPE works. */
  given?: PipeReader | PipeWriter;
}

interface StreamLike {
  fd?: unknown;
  _handle?: { fd?: unknown } | null;
  start?: unknown;
  end?: unknown;
  flags?: unknown;
  pipe?: unknown;
  write?: unknown;
  readableLength?: number;
  readableFlowing?: boolean | null;
  writableLength?: number;
  destroyed?: boolean;
  bytesRead?: number;
}

const isReadable = (stream: StreamLike) =>
  typeof stream.pipe === 'function' && stream.readableLength !== undefined;
const isWritable = (stream: StreamLike) =>
  typeof stream.write === 'function' && stream.writableLength !== undefined;

/** The descriptor that stands for all of the stream, or -1. */
function wholeFd(stream: StreamLike, reads: boolean): number {
  const handle = stream._handle?.fd;
  const fd = typeof stream.fd === 'number' ? stream.fd : typeof handle === 'number' ? handle : -1;
  if (fd < 0) return -1;
  if (reads && ((stream.readableLength ?? 0) > 0 || (stream.bytesRead ?? 0) > 0) && handle === undefined)
    return -1;
  if (reads && (stream.readableLength ?? 0) > 0) return -1;
  if (!reads && (stream.writableLength ?? 0) > 0) return -1;
  // A part of a file (fs.createReadStream's start and end) is more than a descriptor can say.
  if (typeof stream.start === 'number') return -1;
  if (typeof stream.end === 'number' && Number.isFinite(stream.end)) return -1;
  return fd;
}

/** Checks and resolves one option. */
export function resolveStdio(name: StdioName, option: StdioOption): ResolvedStdio {
  if (option === undefined || option === null) return { mode: INHERIT };
  if (typeof option === 'number') {
    if (option === PIPE || option === DEVNULL) return { mode: option };
    if (option === STDOUT) {
      if (name !== 'stderr') throw invalidValue(`options.${name}`, 'can be STDOUT only for stderr', option);
      return { mode: option };
    }
    checkInteger(`options.${name}`, option, 0, 0x7fffffff);
    return { mode: option };
  }
  if (typeof option !== 'object') {
    throw invalidType(
      `options.${name}`,
      'PIPE, DEVNULL, STDOUT, null, a descriptor, a FileHandle or a stream',
      option,
    );
  }
  const reads = name === 'stdin';
  if (option instanceof PipeReader || option instanceof PipeWriter) {
    if (reads !== option instanceof PipeReader) {
      throw invalidValue(`options.${name}`, 'is a stream of the other direction', option);
    }
    if (option.destroyed) throw invalidValue(`options.${name}`, 'is a stream that is closed already', option);
    if (option instanceof PipeReader ? option.untouched : option.idle)
      return { mode: option.fd, given: option };
    return { mode: PIPE, pump: option };
  }
  const stream = option as StreamLike;
  if (stream.destroyed) throw invalidValue(`options.${name}`, 'is a stream that is closed already', option);
  // What child_process made reads ahead.
  const ahead = native === undefined && reads && 'lines' in stream;
  const fd = ahead ? -1 : wholeFd(stream, reads);
  if (fd >= 0) return { mode: fd };
  if (reads ? isReadable(stream) : isWritable(stream))
    return { mode: PIPE, pump: option as Readable | Writable };
  if (typeof stream.fd === 'number') throw invalidValue(`options.${name}`, 'is closed', option);
  throw invalidType(
    `options.${name}`,
    `PIPE, DEVNULL, STDOUT, null, a descriptor, a FileHandle or a ${reads ? 'readable' : 'writable'} stream`,
    option,
  );
}
