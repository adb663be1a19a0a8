/** Writes what is no function: plain data, collections, instances of classes; and refuses what lives only here. */
import { Readable, Writable } from 'node:stream';
import { types } from 'node:util';
import { analyze } from './analyze.js';
import type { Context } from './capture.js';
import { ClosureError } from './errors.js';
import { knownPrototype } from './known.js';
import { writeProperties } from './properties.js';
import { type ClosureNode, CONFIGURABLE, type Ref, WRITABLE } from './types.js';

export interface ObjectWriter {
  readonly transfer: object[];
  add(value: unknown, node: ClosureNode): Ref;
  write(value: unknown, context: Context): Ref;
  writePrototype(prototype: object, context: Context): Ref;
}

type ObjectNode = Extract<ClosureNode, { t: 'object' }>;

/** Opaque objects that the structured clone algorithm carries whole. */
const CLONED = new Set([
  'Blob',
  'BlockList',
  'CryptoKey',
  'DOMException',
  'File',
  'KeyObject',
  'MessagePort',
  'Module',
  'PrivateKeyObject',
  'PublicKeyObject',
  'SecretKeyObject',
  'SocketAddress',
  'X509Certificate',
]);

/** Built-in classes whose instances are made of their properties alone. */
const TRANSPARENT = /^(Object|Array|Error|\w+Error|node:events\..*|node:assert\.AssertionError.*)$/;

function refuse(value: object): string | undefined {
  if (types.isWeakMap(value)) return 'a WeakMap exists only where it was made';
  if (types.isWeakSet(value)) return 'a WeakSet exists only where it was made';
  if (value instanceof WeakRef) return 'a WeakRef exists only where it was made';
  if (types.isPromise(value)) return 'a Promise exists only where it was made: await it first';
  if (types.isGeneratorObject(value)) return 'a running generator exists only where it was made';
  if (types.isMapIterator(value) || types.isSetIterator(value))
    return 'an iterator exists only where it was made';
  if (types.isExternal(value)) return 'it is a native object';
  if (types.isProxy(value)) return 'what is behind a Proxy is out of reach';
  if (value instanceof Readable || value instanceof Writable) {
    return `a stream (${value.constructor?.name}) belongs to the event loop that made it`;
  }
  return undefined;
}

function className(value: object): string {
  try {
    return (value.constructor as { name?: string } | undefined)?.name ?? 'Object';
  } catch {
    return 'Object';
  }
}

const isPrimitive = (value: unknown): boolean =>
  value === null || (typeof value !== 'object' && typeof value !== 'function' && typeof value !== 'symbol');

/** Data that the structured clone algorithm copies exactly as it is. */
function isSimple(value: object): boolean {
  if (!Object.isExtensible(value)) return false;
  if (Array.isArray(value)) {
    if (Object.getPrototypeOf(value) !== Array.prototype) return false;
    for (let i = 0; i < value.length; i++) if (!(i in value) || !isPrimitive(value[i])) return false;
    return Object.keys(value).length === value.length;
  }
  if (Object.getPrototypeOf(value) !== Object.prototype) return false;
  return Reflect.ownKeys(value).every((key) => {
    const own = Object.getOwnPropertyDescriptor(value, key) as PropertyDescriptor;
    return (
      typeof key === 'string' && own.enumerable && own.writable && own.configurable && isPrimitive(own.value)
    );
  });
}

function rawNode(writer: ObjectWriter, value: object): ClosureNode | undefined {
  if (Buffer.isBuffer(value)) {
    const shared = types.isSharedArrayBuffer(value.buffer);
    const pooled = !shared && value.byteLength !== value.buffer.byteLength;
    return { t: 'buffer', v: pooled ? new Uint8Array(value) : (value as Uint8Array) };
  }
  if (ArrayBuffer.isView(value) || types.isAnyArrayBuffer(value)) return { t: 'raw', v: value };
  const name = className(value);
  if (CLONED.has(name) && knownPrototypeOf(value) !== undefined) {
    if (name === 'MessagePort') writer.transfer.push(value);
    return { t: 'raw', v: value };
  }
  return isSimple(value) ? { t: 'raw', v: value } : undefined;
}

function knownPrototypeOf(value: object): string | undefined {
  const prototype = Object.getPrototypeOf(value) as object | null;
  return prototype ? knownPrototype(prototype)?.name : undefined;
}

/** How the object is made; its own properties come on top. */
function base(value: object): { base: ObjectNode['base']; v?: unknown } | undefined {
  if (Array.isArray(value)) return { base: 'array', v: value.length };
  if (types.isNativeError(value)) return { base: 'error' };
  if (types.isMap(value)) return { base: 'map' };
  if (types.isSet(value)) return { base: 'set' };
  if (types.isDate(value)) return { base: 'date', v: value.getTime() };
  if (types.isRegExp(value)) return { base: 'regexp', v: [value.source, value.flags] };
  if (types.isBoxedPrimitive(value) && !types.isSymbolObject(value))
    return { base: 'boxed', v: value.valueOf() };
  if (value instanceof URL) return { base: 'url', v: value.href };
  if (value instanceof URLSearchParams) return { base: 'params', v: value.toString() };
  return undefined;
}

/** Walks to the first built-in prototype: what it hides decides whether the instance can be rebuilt. */
function checkClass(value: object, context: Context): void {
  for (
    let proto = Object.getPrototypeOf(value) as object | null;
    proto;
    proto = Object.getPrototypeOf(proto)
  ) {
    const known = knownPrototype(proto);
    if (known) {
      if (TRANSPARENT.test(known.name)) return;
      throw new ClosureError(`an instance of ${className(value)} exists only where it was made`, context);
    }
    const owner = Object.getOwnPropertyDescriptor(proto, 'constructor')?.value as unknown;
    if (typeof owner !== 'function') continue;
    const source = Function.prototype.toString.call(owner);
    if (!/^class\b/.test(source) || !source.includes('#')) continue;
    if (analyze(source).privateMembers) {
      throw new ClosureError(
        `class ${owner.name} has private members, which can't be read from outside`,
        context,
      );
    }
  }
}

const BUILT_IN: Partial<Record<ObjectNode['base'], object>> = {
  object: Object.prototype,
  array: Array.prototype,
  map: Map.prototype,
  set: Set.prototype,
  date: Date.prototype,
  regexp: RegExp.prototype,
  url: URL.prototype,
  params: URLSearchParams.prototype,
};

export function writeObject(writer: ObjectWriter, value: object, context: Context): Ref {
  const refusal = refuse(value);
  if (refusal) throw new ClosureError(refusal, context);
  const raw = rawNode(writer, value);
  if (raw) return writer.add(value, raw);
  const made = base(value);
  if (!made) checkClass(value, context);
  const node: ObjectNode = { t: 'object', ...(made ?? { base: 'object' as const }), props: [] };
  const ref = writer.add(value, node);
  const prototype = Object.getPrototypeOf(value) as object | null;
  if (prototype === null) node.proto = null;
  else if (prototype !== BUILT_IN[node.base]) node.proto = writer.writePrototype(prototype, context);
  if (Object.isFrozen(value)) node.sealed = 'frozen';
  else if (Object.isSealed(value)) node.sealed = 'sealed';
  else if (!Object.isExtensible(value)) node.sealed = 'closed';
  if (types.isMap(value) || types.isSet(value)) node.entries = writeEntries(writer, value, context);
  const skip = new Set<PropertyKey>(node.base === 'array' ? ['length'] : []);
  if (node.base === 'boxed' && typeof made?.v === 'string')
    for (const key of Object.keys(value)) skip.add(key);
  if (node.base === 'boxed') skip.add('length');
  if (node.base === 'error') skip.add('stack');
  node.props = writeProperties(writer, value, context, skip);
  if (node.base === 'error' && typeof (value as Error).stack === 'string') {
    // In newer versions of V8 an accessor with native functions.
    node.props.push(['stack', WRITABLE | CONFIGURABLE, writer.write((value as Error).stack, context)]);
  }
  return ref;
}

function writeEntries(
  writer: ObjectWriter,
  value: Map<unknown, unknown> | Set<unknown>,
  context: Context,
): Ref[] {
  const refs: Ref[] = [];
  for (const [key, entry] of types.isMap(value) ? value : [...value].map((item) => [item] as const)) {
    const label = typeof key === 'string' ? `'${key}'` : typeof key;
    const inner = { ...context, reference: undefined, members: undefined };
    refs.push(writer.write(key, { ...inner, variable: `${context.variable} (key)` }));
    if (types.isMap(value))
      refs.push(writer.write(entry, { ...inner, variable: `${context.variable}.get(${label})` }));
  }
  return refs;
}
