/** Which objects can't be cloned, and why. Nothing is taken for a plain object that isn't one. */
import { types } from 'node:util';
import { Serializer } from 'node:v8';

const hosts = new WeakMap<object, boolean>();

const { WebAssembly } = globalThis as unknown as { WebAssembly?: Record<string, new () => object> };
const wasm = ['Memory', 'Module', 'Instance', 'Table', 'Global'].flatMap((name) => WebAssembly?.[name] ?? []);

class Found extends Error {}

/** Asks V8 whether an object stands for something outside of JavaScript. */
class Probe extends Serializer {
  constructor(readonly object: object) {
    super();
  }

  /** Called by V8 for such objects. */
  _writeHostObject(object: object): void {
    throw object === this.object ? new Found() : new Error();
  }
}

function probe(object: object): boolean {
  try {
    new Probe(object).writeValue(object);
  } catch (error) {
    return error instanceof Found;
  }
  return false;
}

const NODES_OWN = new Set(['messaging_clone_symbol', 'messaging_transfer_symbol']);

/** Whether an instance of a class is something whose inside a clone would not have: a port, a key, a blob. */
function isHost(object: object): boolean {
  const prototype = Object.getPrototypeOf(object);
  let known = hosts.get(prototype);
  if (known === undefined) {
    known = false;
    for (let at = prototype; at !== null && !known; at = Object.getPrototypeOf(at)) {
      known = Object.getOwnPropertySymbols(at).some((symbol) => NODES_OWN.has(symbol.description ?? ''));
    }
    known ||= probe(object);
    hosts.set(prototype, known);
  }
  return known;
}

/** Why an object that is none of the kinds that have a form of their own can't be cloned; `undefined`: it can, by its properties. */
export function whyNot(object: object): string | undefined {
  if (types.isProxy(object)) return 'is a Proxy';
  if (types.isSharedArrayBuffer(object)) return 'is a SharedArrayBuffer, which belongs to one process,';
  if (types.isPromise(object)) return 'is a Promise';
  if (types.isWeakMap(object)) return 'is a WeakMap';
  if (types.isWeakSet(object)) return 'is a WeakSet';
  if (object instanceof WeakRef) return 'is a WeakRef';
  if (types.isGeneratorObject(object)) return 'is a generator';
  if (types.isMapIterator(object) || types.isSetIterator(object)) return 'is an iterator';
  if (types.isExternal(object)) return 'is a native object';
  if (types.isModuleNamespaceObject(object)) return undefined;
  for (const type of wasm) if (object instanceof type) return `is a WebAssembly.${type.name}`;
  if (Object.getPrototypeOf(object) !== null && isHost(object)) {
    return `is an instance of ${object.constructor?.name || 'a native class'}`;
  }
  return undefined;
}
