/** Splits a stream into lines, pulling no faster than its reader takes them. */

import type { Readable } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';

/** How lines are given. */
export interface LinesOptions {
  /** Of the yielded strings; 'buffer' yields Buffers. The stream's own by default, or UTF-8. */
  encoding?: BufferEncoding | 'buffer';
  /** Leave the line endings on. */
  keepends?: boolean;
}

function trim(line: string, keepends: boolean): string {
  if (keepends) return line;
  return line.endsWith('\r\n') ? line.slice(0, -2) : line.endsWith('\n') ? line.slice(0, -1) : line;
}

async function* textLines(
  stream: Readable,
  encoding: BufferEncoding,
  keepends: boolean,
): AsyncGenerator<string> {
  const decoder = new StringDecoder(encoding);
  let rest = '';
  for await (const chunk of stream) {
    const text = typeof chunk === 'string' ? chunk : decoder.write(chunk as Buffer);
    let start = 0;
    for (let end = text.indexOf('\n'); end !== -1; end = text.indexOf('\n', start)) {
      yield trim(rest + text.slice(start, end + 1), keepends);
      rest = '';
      start = end + 1;
    }
    rest += text.slice(start);
  }
  rest += decoder.end();
  if (rest !== '') yield trim(rest, keepends);
}

async function* byteLines(stream: Readable, keepends: boolean): AsyncGenerator<Buffer> {
  let rest: Buffer[] = [];
  const cut = (line: Buffer) => {
    if (keepends) return line;
    const last = line.length - 1;
    if (line[last] !== 0x0a) return line;
    return line.subarray(0, line[last - 1] === 0x0d ? last - 1 : last);
  };
  for await (const chunk of stream) {
    const bytes = typeof chunk === 'string' ? Buffer.from(chunk) : (chunk as Buffer);
    let start = 0;
    for (let end = bytes.indexOf(0x0a); end !== -1; end = bytes.indexOf(0x0a, start)) {
      rest.push(bytes.subarray(start, end + 1));
      yield cut(rest.length === 1 ? rest[0]! : Buffer.concat(rest));
      rest = [];
      start = end + 1;
    }
    if (start < bytes.length) rest.push(bytes.subarray(start));
  }
  if (rest.length > 0) yield cut(Buffer.concat(rest));
}

/** The lines of `stream`, without their endings. Leaving the loop early destroys the stream, as with any stream. */
export function lines(
  stream: Readable,
  options: LinesOptions & { encoding: 'buffer' },
): AsyncGenerator<Buffer>;
export function lines(stream: Readable, options?: LinesOptions): AsyncGenerator<string>;
export function lines(stream: Readable, options: LinesOptions = {}): AsyncGenerator<string | Buffer> {
  const keepends = options.keepends ?? false;
  if (options.encoding === 'buffer') return byteLines(stream, keepends);
  return textLines(stream, options.encoding ?? stream.readableEncoding ?? 'utf8', keepends);
}
