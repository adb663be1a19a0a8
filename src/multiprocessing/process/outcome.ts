/** What a target came to, on its way to the parent. */
import { deserialize, serialize } from 'node:v8';
import { pack, unpack } from '../../sync/handle.js';
import type { Outcome } from './popen.js';

interface PackedError {
  type: string;
  name: string;
  message: string;
  stack?: string;
  cause?: unknown;
  errors?: unknown[];
  fields: Record<string, unknown>;
}

type Message =
  | { ok: true; value: unknown }
  | { ok: false; thrown: unknown }
  | { ok: false; error: PackedError };

function packError(error: Error): PackedError {
  const packed: PackedError = {
    type: error.constructor?.name ?? 'Error',
    name: error.name,
    message: error.message,
    fields: {},
  };
  if (typeof error.stack === 'string') packed.stack = error.stack;
  if ('cause' in error) packed.cause = packThrown(error.cause);
  if (error instanceof AggregateError) packed.errors = error.errors.map(packThrown);
  for (const [key, value] of Object.entries(error)) {
    try {
      serialize(pack(value));
      packed.fields[key] = value;
    } catch {
      // It stays where it is.
    }
  }
  return packed;
}

function packThrown(value: unknown): unknown {
  return value instanceof Error ? { prongError: packError(value) } : value;
}

function unpackThrown(value: unknown): unknown {
  const packed = (value as { prongError?: PackedError } | null | undefined)?.prongError;
  return packed === undefined ? value : unpackError(packed);
}

const BUILTIN = new Map(
  [Error, TypeError, RangeError, SyntaxError, ReferenceError, EvalError, URIError, AggregateError].map(
    (type) => [type.name, type as ErrorConstructor],
  ),
);

function unpackError({ type, name, message, stack, cause, errors, fields }: PackedError): Error {
  const known = BUILTIN.get(type);
  const error = Object.create((known ?? Error).prototype) as Error;
  Error.captureStackTrace(error);
  const define = (key: string, value: unknown): void => {
    Object.defineProperty(error, key, { value, configurable: true, writable: true, enumerable: false });
  };
  define('message', message);
  define('stack', stack);
  if (error.name !== name) define('name', name);
  if (cause !== undefined) define('cause', unpackThrown(cause));
  if (errors !== undefined) define('errors', errors.map(unpackThrown));
  return Object.assign(error, fields);
}

export function encodeOutcome(outcome: Outcome): Uint8Array {
  let message: Message;
  if (outcome.ok) message = outcome;
  else if (outcome.error instanceof Error) message = { ok: false, error: packError(outcome.error) };
  else message = { ok: false, thrown: outcome.error };
  return serialize(pack(message));
}

/** `undefined` where the child didn't come to its end, or was killed while it said so. */
export function decodeOutcome(bytes: Uint8Array | undefined): Outcome | undefined {
  if (bytes === undefined) return undefined;
  let message: Message;
  try {
    message = unpack(deserialize(bytes)) as Message;
  } catch (error) {
    return { ok: false, error };
  }
  if (message.ok) return message;
  return { ok: false, error: 'error' in message ? unpackError(message.error) : message.thrown };
}
