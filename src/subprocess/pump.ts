/** Streams without a descriptor are connected to a program through a pipe of ours. */
import type { Readable, Writable } from 'node:stream';
import type { Child } from './child.js';
import type { Launch } from './launch.js';

function intoProgram(source: Readable, child: Child): void {
  const writer = child.writer();
  // The program may close its stdin, or end, before the source does; the source stays usable.
  writer.on('error', () => source.unpipe(writer));
  child.onExit(() => {
    source.unpipe(writer);
    writer.destroy();
    // Another program's output: that one is to hear, by SIGPIPE, that nobody reads on.
    if ('lines' in source) source.destroy();
  });
  source.once('error', () => writer.end());
  source.pipe(writer);
}

/** Resolves when all of the program's output has been taken by `destination`, which stays open. */
function outOfProgram(child: Child, which: 1 | 2, destination: Writable): Promise<void> {
  const reader = child.reader(which);
  return new Promise((resolve, reject) => {
    let pending = 0;
    let ended = false;
    let broken = false;
    const failed = (error?: Error | null) => {
      // The listener stays: the stream's error event may be yet to come, and it is told here.
      broken = true;
      reader.destroy();
      reject(error ?? new Error('The stream was closed before the program had ended'));
    };
    const finish = () => {
      if (!ended || pending > 0 || broken) return;
      destination.off('error', failed);
      destination.off('close', failed);
      resolve();
    };
    const written = (error?: Error | null) => {
      pending -= 1;
      if (error) failed(error);
      else finish();
    };
    destination.on('error', failed);
    destination.once('close', failed);
    destination.on('drain', () => reader.resume());
    reader.on('data', (chunk) => {
      pending += 1;
      if (!destination.write(chunk, written)) reader.pause();
    });
    reader.once('error', failed);
    reader.once('end', () => {
      ended = true;
      finish();
    });
    reader.once('close', () => {
      ended = true;
      finish();
    });
  });
}

/** Connects what is to be pumped. The promises are of the outputs. */
export function startPumps(child: Child, launch: Launch): Promise<void>[] {
  const { stdin, stdout, stderr } = launch;
  if (stdin.pump !== undefined) intoProgram(stdin.pump as Readable, child);
  const pumps: Promise<void>[] = [];
  if (stdout.pump !== undefined) pumps.push(outOfProgram(child, 1, stdout.pump as Writable));
  if (stderr.pump !== undefined) pumps.push(outOfProgram(child, 2, stderr.pump as Writable));
  // Whoever waits for the program hears of it.
  for (const pump of pumps) pump.catch(() => {});
  return pumps;
}
