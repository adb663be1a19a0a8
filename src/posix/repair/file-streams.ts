/**
 * Chunks that wait in an `fs.WriteStream` at a fork are the parent's to write. Node keeps no list of such streams, so
 * this module does, from the moment it is loaded.
 */
import { WriteStream } from 'node:fs';

type Insides = { _construct?(this: WriteStream, done: (error?: Error | null) => void): void };

const streams = new Set<WeakRef<WriteStream>>();
const ended = new FinalizationRegistry<WeakRef<WriteStream>>((reference) => streams.delete(reference));

const insides = WriteStream.prototype as unknown as Insides;
const construct = insides._construct;
if (typeof construct === 'function') {
  insides._construct = function (done) {
    const reference = new WeakRef<WriteStream>(this);
    streams.add(reference);
    ended.register(this, reference, reference);
    this.once('close', () => streams.delete(reference));
    construct.call(this, done);
  };
}

/** The file streams that are open. */
export function openFileStreams(): WriteStream[] {
  const open: WriteStream[] = [];
  for (const reference of streams) {
    const stream = reference.deref();
    if (stream !== undefined && !stream.destroyed) open.push(stream);
  }
  return open;
}
