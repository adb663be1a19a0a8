/** Start method `spawn`: a new Node, which gets the closure as a file without a name. */
import { writeSync } from 'node:fs';
import type * as Fallback from '../../fallback/process.js';
import { type ChildBinding, native, watching } from './native.js';
import { OwnChild } from './own-child.js';
import { type Packing, serializeParcel } from './parcel.js';
import type { Popen } from './popen.js';
import { entryFile, startNode } from './program.js';

/** The parcel in a memory file; the caller closes it. */
export function writeParcel(from: ChildBinding, bytes: Uint8Array): number {
  const fd = from.openReport();
  for (let at = 0; at < bytes.length; ) at += writeSync(fd, bytes, at);
  return fd;
}

/** Throws `ClosureError`, and what the system says where it can't start one more process. */
export function startSpawn(packing: Packing, inherit: readonly number[] = []): Popen {
  const bytes = serializeParcel(packing);
  if (native === undefined || watching === undefined) {
    return (require('../../fallback/process.js') as typeof Fallback).startSpawn(bytes);
  }
  const parcel = writeParcel(native, bytes);
  const report = native.openReport();
  try {
    const { pid, pidfd } = startNode(
      entryFile('spawned'),
      [String(parcel), String(report)],
      [parcel, report, ...inherit],
    );
    return new OwnChild(pid, report, pidfd);
  } catch (error) {
    watching.close(report);
    throw error;
  } finally {
    watching.close(parcel);
  }
}
