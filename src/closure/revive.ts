/** Puts a function together again from what `capture` wrote, in whatever thread or process this is. */
import { createRequire, Module } from 'node:module';
import { fromHandle, type Handle, isHandle } from '../sync/handle.js';
import { compileFunction, importer, makeImportMeta } from './compile.js';
import { entryFile, setEntryFile } from './entry.js';
import { ClosureError } from './errors.js';
import { setOrigin } from './origins.js';
import { filePath } from './scripts.js';
import {
  ACCESSOR,
  type ClosureNode,
  CONFIGURABLE,
  ENUMERABLE,
  type FunctionNode,
  PLAIN,
  type PropertyNode,
  type Ref,
  type SerializedClosure,
  WRITABLE,
} from './types.js';

type ObjectNode = Extract<ClosureNode, { t: 'object' }>;
type ImportNode = Extract<ClosureNode, { t: 'import' }>;
// biome-ignore lint/complexity/noBannedTypes: any function at all
type AnyFunction = Function;

const importKey = ({ referrer, specifier }: ImportNode): string => `${referrer}\n${specifier}`;

function requireFrom(file: string): NodeJS.Require {
  return createRequire(filePath(file) ?? `${process.cwd()}/[closure]`);
}

export class Reviver {
  readonly #data: SerializedClosure;
  readonly #origins: ReadonlyMap<number, object> | undefined;
  readonly #made = new Map<Ref, unknown>();
  readonly #imports = new Map<string, Record<string, unknown>>();
  readonly #cells = new Map<number, Record<string, unknown>>();

  constructor(data: SerializedClosure, origins?: ReadonlyMap<number, object>) {
    this.#data = data;
    this.#origins = origins;
    if (data.entry !== undefined && entryFile() === undefined) setEntryFile(data.entry);
  }

  get needsImports(): boolean {
    return this.#data.nodes.some(({ t }) => t === 'import');
  }

  /** Loads the ES modules that the function imports, each under the name it was imported by. */
  async load(): Promise<void> {
    const nodes = this.#data.nodes.filter((node): node is ImportNode => node.t === 'import');
    await Promise.all(
      nodes.map(async (node) => {
        this.#imports.set(importKey(node), await importer(node.referrer)(node.specifier));
      }),
    );
  }

  revive(): unknown {
    return this.#read(this.#data.root);
  }

  #read(ref: Ref): unknown {
    if (this.#made.has(ref)) return this.#made.get(ref);
    const node = this.#data.nodes[ref] as ClosureNode;
    return this.#make(ref, node);
  }

  #keep<T>(ref: Ref, value: T): T {
    this.#made.set(ref, value);
    return value;
  }

  #make(ref: Ref, node: ClosureNode): unknown {
    switch (node.t) {
      case 'raw':
        return this.#keep(ref, node.v);
      case 'buffer':
        return this.#keep(ref, Buffer.from(node.v.buffer, node.v.byteOffset, node.v.byteLength));
      case 'handle':
        return this.#keep(ref, readHandle(node.v as Handle));
      case 'global':
        return this.#keep(ref, follow(globalThis, node.path));
      case 'builtin':
        return this.#keep(ref, follow(requireFrom(__filename)(node.module), node.key?.split('.') ?? []));
      case 'require':
        return this.#keep(
          ref,
          follow(requireFrom(__filename)(node.file), node.key === undefined ? [] : [node.key]),
        );
      case 'import':
        return this.#keep(ref, this.#import(node));
      case 'requirer':
        return this.#keep(ref, requireFrom(node.file));
      case 'module':
        return this.#makeModule(ref, node);
      case 'symbol':
        return this.#keep(ref, node.key === undefined ? Symbol(node.description) : Symbol.for(node.key));
      case 'origin':
        return this.#keep(ref, this.#origins?.get(node.ref));
      case 'function':
        return this.#makeFunction(ref, node);
      case 'bound':
        return this.#makeBound(ref, node);
      case 'prototype':
        return this.#keep(ref, (this.#read(node.of) as AnyFunction).prototype);
      case 'object':
        return this.#makeObject(ref, node);
    }
  }

  #import(node: ImportNode): unknown {
    let namespace = this.#imports.get(importKey(node));
    if (!namespace) {
      // Without a chance to wait, require() can still load most ES modules from Node 22.12 on.
      try {
        namespace = requireFrom(node.referrer)(node.specifier) as Record<string, unknown>;
      } catch (cause) {
        throw new ClosureError(
          `the ES module '${node.specifier}' must be loaded first (${(cause as Error).message})`,
          {
            location: node.referrer,
          },
        );
      }
      if (node.key === 'default' && !('default' in namespace)) return namespace;
    }
    return node.key === undefined ? namespace : namespace[node.key];
  }

  #makeModule(ref: Ref, node: Extract<ClosureNode, { t: 'module' }>): unknown {
    const made = this.#keep(ref, new Module(node.file));
    made.filename = node.file;
    made.loaded = true;
    made.exports = this.#read(node.exports);
    return made;
  }

  #makeBound(ref: Ref, node: Extract<ClosureNode, { t: 'bound' }>): unknown {
    const target = this.#read(node.target) as AnyFunction;
    const args = node.args.map((arg) => this.#read(arg));
    const bound = Function.prototype.bind.call(
      target as never,
      this.#read(node.self),
      ...args,
    ) as AnyFunction;
    Object.defineProperty(bound, 'name', { value: node.name, configurable: true });
    return this.#keep(ref, bound);
  }

  #cell(index: number): Record<string, unknown> {
    const known = this.#cells.get(index);
    if (known) return known;
    const [name, ref] = this.#data.cells[index] as [string, Ref];
    const cell = Object.create(null) as Record<string, unknown>;
    this.#cells.set(index, cell);
    cell[name] = undefined;
    cell[name] = this.#read(ref);
    return cell;
  }

  #makeFunction(ref: Ref, node: FunctionNode): unknown {
    const names = node.vars.map(([name]) => name);
    const parent = node.heritage === undefined || node.heritage === null ? null : this.#read(node.heritage);
    if (this.#made.has(ref)) return this.#made.get(ref);
    const { fn, link } = compileFunction(node, names, {
      parent,
      cells: (node.cells ?? []).map((index) => this.#cell(index)),
      early: () => this.#eager(node),
      meta: () => makeImportMeta(node.file),
    });
    // The cells may have led back here.
    if (this.#made.has(ref)) return this.#made.get(ref);
    this.#keep(ref, fn);
    setOrigin(fn, this.#data.id, ref);
    link(node.vars.map(([, value]) => this.#read(value)));
    if (fn.name !== node.name) Object.defineProperty(fn, 'name', { value: node.name, configurable: true });
    if (node.props) this.#define(fn, node.props);
    if (node.prototype) {
      const { proto, props } = node.prototype;
      if (proto !== undefined) Object.setPrototypeOf(fn.prototype, this.#read(proto) as object);
      this.#define(fn.prototype as object, props);
    }
    return fn;
  }

  /** Values for the names that the evaluation of a class reads; the rest follows once the class is there. */
  #eager(node: FunctionNode): unknown[] {
    return node.vars.map(([name, value]) => (node.eager.includes(name) ? this.#read(value) : undefined));
  }

  #makeObject(ref: Ref, node: ObjectNode): unknown {
    const object = this.#keep(ref, makeBase(node));
    if (node.proto === null) Object.setPrototypeOf(object, null);
    else if (node.proto !== undefined) Object.setPrototypeOf(object, this.#read(node.proto) as object);
    const entries = node.entries ?? [];
    if (node.base === 'set') {
      for (const entry of entries) Set.prototype.add.call(object, this.#read(entry));
    } else {
      for (let i = 0; i < entries.length; i += 2) {
        Map.prototype.set.call(object, this.#read(entries[i] as Ref), this.#read(entries[i + 1] as Ref));
      }
    }
    this.#define(object, node.props);
    if (node.sealed === 'frozen') Object.freeze(object);
    else if (node.sealed === 'sealed') Object.seal(object);
    else if (node.sealed === 'closed') Object.preventExtensions(object);
    return object;
  }

  #define(object: object, props: PropertyNode[]): void {
    for (const [name, flags, value, setter] of props) {
      const key = typeof name === 'string' ? name : (this.#read(name.symbol) as symbol);
      const attributes = {
        enumerable: (flags & ENUMERABLE) !== 0,
        configurable: (flags & CONFIGURABLE) !== 0,
      };
      const content =
        flags & ACCESSOR
          ? {
              get: this.#read(value) as () => unknown,
              set: this.#read(setter as Ref) as (v: unknown) => void,
            }
          : { value: this.#read(value), writable: (flags & WRITABLE) !== 0 };
      if (flags === PLAIN && key !== '__proto__' && !(key in object)) {
        (object as Record<PropertyKey, unknown>)[key] = (content as { value: unknown }).value;
      } else Object.defineProperty(object, key, { ...attributes, ...content });
    }
  }
}

function follow(from: unknown, path: string[]): unknown {
  let value = from;
  for (const key of path) value = (value as Record<string, unknown>)[key];
  return value;
}

/** The cheapest to load first. */
const HOMES = ['../threading/thread.js', '../threading/local.js', '../sync/index.js', '../index.js'];

function readHandle(handle: Handle): object {
  // The class of the handle may be in a part of prong that nothing here has loaded yet.
  for (const part of HOMES) {
    if (isHandle(handle)) break;
    require(part);
  }
  return fromHandle(handle);
}

function makeBase({ base, v }: ObjectNode): object {
  switch (base) {
    case 'array':
      return new Array(v as number);
    case 'error': {
      const error = new Error();
      delete (error as { stack?: string }).stack;
      return error;
    }
    case 'map':
      return new Map();
    case 'set':
      return new Set();
    case 'date':
      return new Date(v as number);
    case 'regexp':
      return new RegExp(...(v as [string, string]));
    case 'boxed':
      return Object(v) as object;
    case 'url':
      return new URL(v as string);
    case 'params':
      return new URLSearchParams(v as string);
    default:
      return {};
  }
}
