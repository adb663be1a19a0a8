/** What a structured clone loses of an error, and how it is made again. */
import { inspect } from 'node:util';
import * as own from '../../errors.js';
import { ProngError } from '../../errors.js';

/** A value can't be taken to another thread or process. The message names the place in it: `value.a[3].f is a function`. */
export class DataCloneError extends ProngError {
  /** Where in the value: `value.a[3].f`. */
  readonly path: string;
  /** @internal */
  declare readonly what: string;

  constructor(path: string, what: string) {
    super('ERR_DATA_CLONE', `${path} ${what} and can't be cloned`);
    this.path = path;
    Object.defineProperty(this, 'what', { value: what });
  }
}

/** Bytes are not what `encode` makes: cut off, or forged. */
export class DecodeError extends ProngError {
  constructor(message: string) {
    super('ERR_DECODE', message);
  }
}

// biome-ignore lint/suspicious/noExplicitAny: classes of errors have all kinds of constructors
type ErrorClass = abstract new (...args: any[]) => Error;

/** The classes that an error is made an instance of again, by name. */
const classes = new Map<string, ErrorClass>();
const builtIn = new Map<string, ErrorClass>(
  [Error, EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError, AggregateError].map(
    (type) => [type.name, type],
  ),
);

/**
 * Lets instances of a class of errors arrive as instances of it, in every thread and process that has called this. Without it they
 * arrive as instances of a class with the same name.
 */
export function registerErrorClass(type: ErrorClass): void {
  classes.set(type.name, type);
}
for (const type of Object.values(own)) {
  if (typeof type === 'function' && type.prototype instanceof Error) registerErrorClass(type as ErrorClass);
}
registerErrorClass(DataCloneError);
registerErrorClass(DecodeError);

/** An error taken apart. */
export interface ErrorParts {
  /** The name of its class, and of the class of the language that it extends. */
  type: string;
  base: string;
  name: string;
  message: string;
  stack: string | undefined;
  /** The other own properties: enumerable ones, then those that are not. */
  shown: [string, unknown][];
  hidden: [string, unknown][];
}

/** Whether an object is an error of any realm or kind. */
export function isErrorLike(value: object): value is Error {
  return value instanceof Error || Object.prototype.toString.call(value) === '[object Error]';
}

function baseOf(error: object): string {
  if (error instanceof DOMException) return 'DOMException';
  for (let at = Object.getPrototypeOf(error); at !== null; at = Object.getPrototypeOf(at)) {
    const name = at.constructor?.name;
    if (builtIn.get(name)?.prototype === at) return name;
  }
  return 'Error';
}

export function takeApart(error: Error): ErrorParts {
  const parts: ErrorParts = {
    type: error.constructor?.name || 'Error',
    base: baseOf(error),
    name: String(error.name),
    message: String(error.message),
    stack: typeof error.stack === 'string' ? error.stack : undefined,
    shown: [],
    hidden: [],
  };
  if (parts.base === 'DOMException') return parts;
  for (const key of Object.getOwnPropertyNames(error)) {
    if (key === 'stack' || key === 'message') continue;
    const shown = Object.prototype.propertyIsEnumerable.call(error, key);
    parts[shown ? 'shown' : 'hidden'].push([key, (error as unknown as Record<string, unknown>)[key]]);
  }
  return parts;
}

/** What stands for a property of an error that can't travel: a failure must arrive whatever hangs on it. */
export function describeProperty(value: unknown): string {
  try {
    return inspect(value, { depth: 0, breakLength: Number.POSITIVE_INFINITY });
  } catch {
    return `[${typeof value}]`;
  }
}

const standIns = new Map<string, ErrorClass>();
const MOST_STAND_INS = 1000;

function classOf(type: string, base: string): ErrorClass {
  const known = classes.get(type) ?? builtIn.get(type);
  if (known !== undefined) return known;
  const key = `${base}:${type}`;
  let standIn = standIns.get(key);
  if (standIn === undefined) {
    const parent = (builtIn.get(base) ?? Error) as ErrorConstructor;
    standIn = { [type]: class extends parent {} }[type] as ErrorClass;
    if (standIns.size < MOST_STAND_INS) standIns.set(key, standIn);
  }
  return standIn;
}

/** An object for the parts; its other properties are set by `finish` once they are there, for they may refer to it. */
export function begin(type: string, base: string, name: string, message: string, stack?: string): Error {
  if (base === 'DOMException') {
    const exception = new DOMException(message, name);
    Object.defineProperty(exception, 'stack', { value: stack, writable: true, configurable: true });
    return exception;
  }
  // A real error, so that it counts as one everywhere, without a second stack.
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = 0;
  const error = base === 'AggregateError' ? new AggregateError([], message) : new Error(message);
  Error.stackTraceLimit = limit;
  Object.setPrototypeOf(error, classOf(type, base).prototype);
  Object.defineProperty(error, 'stack', {
    value: stack,
    writable: true,
    configurable: true,
    enumerable: false,
  });
  return error;
}

export function setProperty(error: Error, key: string, value: unknown, enumerable: boolean): void {
  Object.defineProperty(error, key, { value, enumerable, writable: true, configurable: true });
}

export function finish(error: Error, name: string): void {
  if (error.name === name) return;
  setProperty(error, 'name', name, false);
}
