/**
 * What a stream still buffers in JavaScript at a fork is the parent's to write. libuv's own queues are emptied in
 * src-native/core/fork/writes.cc; these are the chunks that wait behind them.
 */
import { Socket } from 'node:net';
import type { Writable } from 'node:stream';
import { nativePart } from '../../binding.js';
import { openFileStreams } from './file-streams.js';

type Done = (error?: Error | null) => void;

interface WritableInsides {
  _writableState?: { getBuffer?(): unknown[] };
  _write: unknown;
  _writev: unknown;
}

interface SocketInsides {
  connecting: boolean;
  _final: unknown;
  _writeGeneric: unknown;
}

/**
 * Streams that may hold chunks: those of the active handles, of files, and standard ones. stdout and stderr only where they
 * exist, as asking for them makes them, or are files, where that changes nothing.
 */
export function streamsAmong(handles: unknown[]): Writable[] {
  const streams: Writable[] = openFileStreams();
  const standard = nativePart<{ standardStreams(): number }>('fork')?.standardStreams() ?? 0;
  if (standard & 1) streams.push(process.stdout);
  if (standard & 2) streams.push(process.stderr);
  for (const handle of handles) {
    if (handle instanceof Socket && !streams.includes(handle)) streams.push(handle);
  }
  return streams;
}

/**
 * The next `count` chunks end with success and nothing written, by the stream's own machinery; what the child writes
 * after them is written.
 */
function swallow(stream: Writable, count: number): void {
  const insides = stream as unknown as WritableInsides;
  let left = count;
  insides._writev = null;
  insides._write = (_chunk: unknown, _encoding: string, done: Done) => {
    if (--left === 0) {
      delete (insides as Partial<WritableInsides>)._write;
      delete (insides as Partial<WritableInsides>)._writev;
    }
    done();
  };
}

/**
 * Parent and child share the connection. A socket that still has the parent's output to send is not shut down by the
 * child, whose own output seems complete: that would cut the parent short. The child's end only closes its copy.
 */
function keepOpenForParent(socket: Socket): void {
  const insides = socket as unknown as SocketInsides;
  insides._final = (done: Done) => done();
  if (!insides.connecting) return;
  // The chunk that waits for the connection.
  insides._writeGeneric = (_writev: boolean, _data: unknown, _encoding: string, done: Done) => {
    delete (insides as Partial<SocketInsides>)._writeGeneric;
    done();
  };
}

/** In the child. */
export function dropBufferedWrites(streams: Writable[]): void {
  for (const stream of streams) {
    if (!stream.writableLength) continue;
    if (stream instanceof Socket) keepOpenForParent(stream);
    const waiting = (stream as unknown as WritableInsides)._writableState?.getBuffer?.().length ?? 0;
    if (waiting > 0) swallow(stream, waiting);
  }
}
