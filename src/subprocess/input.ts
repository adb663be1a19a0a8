/** What is written to a program's stdin, in one of three kinds. */
import { invalidType, invalidValue } from '../util/check.js';
import { isChunk, type TextMode, toBytes } from './text.js';
import type { Input } from './types.js';

export type Source =
  | { kind: 'bytes'; bytes: Uint8Array }
  | { kind: 'sync'; iterator: Iterator<unknown>; stream: unknown }
  | { kind: 'async'; iterator: AsyncIterator<unknown>; stream: unknown };

/** Tells what `input` is. `undefined` and `null` are no input. */
export function resolveInput(input: Input | null | undefined, mode: TextMode | null): Source | undefined {
  if (input === undefined || input === null) return undefined;
  if (isChunk(input)) return { kind: 'bytes', bytes: toBytes(input, mode) };
  const iterable = input as Partial<Iterable<unknown> & AsyncIterable<unknown>>;
  if (typeof iterable === 'object' || typeof iterable === 'function') {
    if (typeof iterable[Symbol.asyncIterator] === 'function') {
      return { kind: 'async', iterator: iterable[Symbol.asyncIterator]!(), stream: input };
    }
    if (typeof iterable[Symbol.iterator] === 'function') {
      return { kind: 'sync', iterator: iterable[Symbol.iterator]!(), stream: input };
    }
  }
  throw invalidType(
    'input',
    'a string, an ArrayBuffer, a view of one, a stream or an iterable of these',
    input,
  );
}

/** The `Sync` forms can't wait for a promise. */
export function rejectAsync(source: Source | undefined): void {
  if (source?.kind !== 'async') return;
  throw invalidValue(
    'input',
    'must not be a stream or an async iterable for a Sync function',
    source.iterator,
  );
}
