/** stdin, stdout and stderr of a child. */
import { createReadStream } from 'node:fs';
import { prepareDirectStdio, useDirectStdio } from '../../threading/stdio.js';
import { native } from './native.js';

interface Insides {
  writableLength?: number;
  destroyed?: boolean;
}

/** What the program may still hold of the streams that its parent had. */
let former: Insides[] = [];

function isPatched(name: 'stdout' | 'stderr'): boolean {
  const own = Object.getOwnPropertyDescriptor(process, name);
  // A program that has put something of its own there means it.
  return own?.get === undefined || !own.configurable;
}

/** Whether the program ever asked for the stream: asking makes it. */
function made(console: Console): Insides[] {
  const streams: Insides[] = [];
  for (const name of ['_stdout', '_stderr'] as const) {
    const stream = (console as unknown as Record<string, Insides | undefined>)[name];
    if (stream !== undefined) streams.push(stream);
  }
  return streams;
}

export const prepareStreams = prepareDirectStdio;

/** Output is written at once, so that none of it is lost or written twice however the child ends; stdin is empty. */
export function renewStreams(keepStdin: boolean): void {
  const replace = !isPatched('stdout') && !isPatched('stderr');
  if (replace) {
    former = made(console);
    useDirectStdio();
    const streams = console as unknown as Record<string, unknown>;
    streams._stdout = process.stdout;
    streams._stderr = process.stderr;
  }
  if (keepStdin) return;
  native?.replaceStdin();
  let stdin: ReturnType<typeof createReadStream> | undefined;
  Object.defineProperty(process, 'stdin', {
    configurable: true,
    enumerable: true,
    get() {
      stdin ??= createReadStream('', { fd: 0, autoClose: false });
      return stdin;
    },
  });
}

/** Waits until what was written to the former streams, or to the program's own, is out. */
export async function drainStreams(): Promise<void> {
  const streams = new Set<Insides>([...former, process.stdout as Insides, process.stderr as Insides]);
  for (const stream of streams) {
    while ((stream.writableLength ?? 0) > 0 && stream.destroyed !== true) {
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
  }
}
