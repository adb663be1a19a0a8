/**
 * Takes a function apart: its source, the variables it uses, and what those hold, as a structured-clonable table
 * that `revive` puts together again in another thread or process.
 */
import { types } from 'node:util';
import { isTravelling, toHandle } from '../sync/handle.js';
import { type Analysis, analyze } from './analyze.js';
import { entryFile } from './entry.js';
import { type CapturePlace, ClosureError } from './errors.js';
import { Inspector, type Scope } from './inspect.js';
import { isOwnGlobal, knownNode, refreshBuiltins } from './known.js';
import {
  exportOf,
  importOf,
  isPackaged,
  type Reference,
  refersToPackage,
  refreshExports,
} from './modules.js';
import { type ObjectWriter, writeObject } from './objects.js';
import { newId, originOf } from './origins.js';
import { writeProperties } from './properties.js';
import { filePath, type Place, placeOf } from './scripts.js';
import { Sharing } from './sharing.js';
import type { ClosureNode, FunctionNode, Ref, SerializedClosure } from './types.js';

// biome-ignore lint/complexity/noBannedTypes: any function at all
type AnyFunction = Function;

/** Where a value was met: the words of an error, and the import that brought it, if one did. */
export interface Context extends CapturePlace {
  reference?: Reference;
  /** Only these members of a module are used. */
  members?: Set<string>;
}

export class Capture implements ObjectWriter {
  nodes: ClosureNode[] = [];
  readonly transfer: object[] = [];
  /** Objects and symbols by identity. A function of many parts is still one. */
  #seen = new Map<unknown, Ref>();
  /** The functions taken apart, for those that come back. */
  readonly origins = new Map<Ref, object>();
  /** The capture to whose maker this one goes. */
  readonly #returnTo: string | undefined;
  readonly #sharing = new Sharing();
  readonly #partial = new Map<object, { ref: Ref; keys: Set<string> }>();
  #connected: Inspector | undefined;

  constructor(returnTo?: string) {
    this.#returnTo = returnTo;
    refreshExports();
    refreshBuiltins();
  }

  close(): void {
    this.#connected?.close();
  }

  /** Connected for the first function: plain data needs none. */
  get #inspector(): Inspector {
    this.#connected ??= new Inspector();
    return this.#connected;
  }

  serialize(root: unknown, place: Context = {}): SerializedClosure {
    const ref = this.write(root, place);
    const cells = this.#sharing.finish(this.nodes);
    return { nodes: this.nodes, cells, root: ref, id: newId(), entry: entryFile() };
  }

  add(value: unknown, node: ClosureNode): Ref {
    const ref = this.nodes.push(node) - 1;
    if (
      (typeof value === 'object' && value !== null) ||
      typeof value === 'function' ||
      typeof value === 'symbol'
    ) {
      this.#seen.set(value, ref);
    }
    return ref;
  }

  write(value: unknown, context: Context): Ref {
    if (typeof value === 'symbol') return this.#writeSymbol(value);
    if (!isObject(value)) return this.add(value, { t: 'raw', v: value });
    const seen = this.#seen.get(value);
    if (seen !== undefined) return context.members ? this.#writeModule(value, context) : seen;
    if (isTravelling(value)) return this.add(value, { t: 'handle', v: toHandle(value) });
    const known = knownNode(value);
    if (known) return this.add(value, known);
    const reference = exportOf(value) ?? context.reference;
    if (reference && refersToPackage(reference)) return this.add(value, reference);
    const again = reference?.t === 'require' && reference.file === entryFile() ? undefined : reference;
    if (!again) return this.#writeValue(value, context);
    // Another file of the program: its functions travel as they are, so that both sides share locks and values. If
    // something in them can't, the file is loaded again on the other side.
    const mark = this.#mark();
    try {
      return this.#writeValue(value, context);
    } catch (error) {
      if (!(error instanceof ClosureError)) throw error;
      this.#rollBack(mark);
      return this.add(value, again);
    }
  }

  #mark(): { nodes: number; transfer: number } {
    return { nodes: this.nodes.length, transfer: this.transfer.length };
  }

  #rollBack({ nodes, transfer }: { nodes: number; transfer: number }): void {
    this.nodes.length = nodes;
    this.transfer.length = transfer;
    for (const [value, ref] of this.#seen) if (ref >= nodes) this.#seen.delete(value);
    for (const [value, { ref }] of this.#partial) if (ref >= nodes) this.#partial.delete(value);
    this.#sharing.rollBack(nodes);
  }

  #writeSymbol(value: symbol): Ref {
    const seen = this.#seen.get(value);
    if (seen !== undefined) return seen;
    const known = knownNode(value);
    if (known) return this.add(value, known);
    return this.add(value, { t: 'symbol', description: value.description, key: Symbol.keyFor(value) });
  }

  #writeValue(value: object, context: Context): Ref {
    if (typeof value === 'function') return this.#writeFunction(value, context);
    if (context.members || types.isModuleNamespaceObject(value)) return this.#writeModule(value, context);
    return writeObject(this, value, context);
  }

  /** A module's exports: only what is read of them, unless they are handed around whole. */
  #writeModule(value: object, context: Context): Ref {
    let part = this.#partial.get(value);
    if (!part) {
      if (this.#seen.has(value)) return this.#seen.get(value) as Ref;
      const isModule =
        types.isModuleNamespaceObject(value) || exportOf(value) !== undefined || isCompiled(value);
      if (!isModule) return this.#writeValue(value, { ...context, members: undefined });
      part = {
        ref: this.add(value, { t: 'object', base: 'object', proto: null, props: [] }),
        keys: new Set(),
      };
      this.#partial.set(value, part);
    }
    const node = this.nodes[part.ref] as Extract<ClosureNode, { t: 'object' }>;
    const wanted = context.members ?? Object.keys(value);
    const isNew = [...wanted].filter((key) => !part.keys.has(key) && key in value);
    for (const key of isNew) part.keys.add(key);
    const reference = types.isModuleNamespaceObject(value) ? context.reference : undefined;
    for (const key of isNew) {
      const member = (value as Record<string, unknown>)[key];
      const memberContext: Context = {
        ...context,
        members: undefined,
        variable: `${context.variable}.${key}`,
        reference: reference && { ...reference, key },
      };
      node.props.push([key, 7, this.write(member, memberContext)]);
    }
    return part.ref;
  }

  #writeFunction(fn: AnyFunction, context: Context): Ref {
    const origin = this.#returnTo === undefined ? undefined : originOf(fn);
    if (origin?.id === this.#returnTo && origin) return this.add(fn, { t: 'origin', ref: origin.ref });
    const inside = this.#inspector.inspect(fn);
    if (inside.bound) return this.#writeBound(fn, inside.bound, context);
    const source = Function.prototype.toString.call(fn);
    const place = placeOf(inside, source, this.#inspector);
    const special = this.#writeRequire(fn, place);
    if (special !== undefined) return special;
    if (place.script.url.startsWith('node:')) {
      throw new ClosureError(`function '${fn.name}' belongs to Node's internals`, context);
    }
    if (/\{\s*\[native code\]\s*\}$/.test(source)) {
      throw new ClosureError(`function '${fn.name}' is native`, context);
    }
    if (context.reference && isPackaged(filePath(place.script.url) ?? ''))
      return this.add(fn, context.reference);
    return this.#takeApart(fn, source, inside.scopes, place);
  }

  /** A module's own `require`: made anew for the same file. */
  #writeRequire(fn: AnyFunction, { script }: Place): Ref | undefined {
    const { resolve, cache } = fn as { resolve?: unknown; cache?: unknown };
    if (fn.name !== 'require' || typeof resolve !== 'function' || typeof cache !== 'object') return undefined;
    const isNode = script.url.startsWith('node:');
    return isNode ? this.add(fn, { t: 'requirer', file: this.#userFile }) : undefined;
  }

  /** The file of the function whose variables are being written. */
  #userFile = '';

  #writeBound(
    fn: AnyFunction,
    bound: { target: AnyFunction; self: unknown; args: unknown[] },
    context: Context,
  ): Ref {
    const node: ClosureNode = { t: 'bound', target: -1, self: -1, args: [], name: fn.name };
    const ref = this.add(fn, node);
    const inner = { ...context, reference: undefined };
    node.target = this.write(bound.target, inner);
    node.self = this.write(bound.self, { ...inner, variable: `${fn.name}: bound this` });
    node.args = bound.args.map((arg, i) =>
      this.write(arg, { ...inner, variable: `${fn.name}: bound argument ${i}` }),
    );
    return ref;
  }

  #takeApart(fn: AnyFunction, source: string, scopes: Scope[], place: Place): Ref {
    const { script, line, column } = place;
    const location = `${script.url || '<anonymous>'}:${line + 1}:${column + 1}`;
    const here: Context = { functionName: fn.name || '(anonymous)', location };
    let analysis: Analysis;
    try {
      analysis = analyze(source);
    } catch (cause) {
      throw new ClosureError(`its source can't be read (${(cause as Error).message})`, here);
    }
    if (analysis.obstacle) throw new ClosureError(analysis.obstacle, here);
    const node: FunctionNode = {
      t: 'function',
      kind: analysis.kind,
      source: analysis.source,
      name: fn.name,
      file: script.url,
      line,
      column,
      strict: script.strict,
      module: script.module,
      ...(analysis.importMeta ? { usesMeta: true } : {}),
      vars: [],
      eager: analysis.eager,
    };
    const ref = this.add(fn, node);
    this.origins.set(ref, fn);
    const userFile = this.#userFile;
    this.#userFile = script.url;
    try {
      this.#writeVariables(ref, node, scopes, place, analysis, here);
      this.#writeParts(fn, node, analysis, here);
    } finally {
      this.#userFile = userFile;
    }
    return ref;
  }

  #writeVariables(
    ref: Ref,
    node: FunctionNode,
    scopes: Scope[],
    place: Place,
    analysis: Analysis,
    here: Context,
  ): void {
    const contexts = this.#sharing.enter(scopes, `${place.script.url}:${place.line}:${place.column}`);
    const names = analysis.hasEval ? allNames(scopes, analysis) : analysis.free;
    for (const [name, use] of names) {
      const depth = scopes.findIndex(({ object }) => Object.hasOwn(object, name));
      if (depth === -1) {
        if (analysis.eager.includes(name) && !(name in globalThis)) {
          throw new ClosureError('it is read while the class is made, and nothing keeps it', {
            ...here,
            variable: name,
          });
        }
        if (isOwnGlobal(name)) {
          const value = (globalThis as Record<string, unknown>)[name];
          node.vars.push([
            name,
            this.#writeModuleObject(name, value, place) ?? this.write(value, { ...here, variable: name }),
          ]);
        }
        continue;
      }
      const scope = scopes[depth] as Scope;
      let value: unknown;
      try {
        value = scope.object[name];
      } catch {
        continue; // Not initialised yet: it stays a ReferenceError on the other side.
      }
      const outermost = depth === scopes.length - 1;
      const variable: Context = { ...here, variable: name };
      if (outermost && isObject(value)) variable.reference = importOf(place.script, name);
      if (use.members && isObject(value) && mayBeModule(value)) variable.members = use.members;
      const special = this.#writeModuleObject(name, value, place);
      const valueRef = special ?? this.write(value, variable);
      node.vars.push([name, valueRef]);
      this.#sharing.use(contexts[depth], name, ref, valueRef, use.written);
    }
  }

  /** CommonJS's `module`: a new one with the same exports. */
  #writeModuleObject(name: string, value: unknown, { script }: Place): Ref | undefined {
    if (
      name !== 'module' ||
      !isObject(value) ||
      value.constructor?.name !== 'Module' ||
      !('children' in value)
    ) {
      return undefined;
    }
    const seen = this.#seen.get(value);
    if (seen !== undefined) return seen;
    const node: ClosureNode = { t: 'module', file: filePath(script.url) ?? script.url, exports: -1 };
    const ref = this.add(value, node);
    node.exports = this.write((value as NodeJS.Module).exports, {
      variable: 'module.exports',
      location: script.url,
    });
    return ref;
  }

  #writeParts(fn: AnyFunction, node: FunctionNode, analysis: Analysis, here: Context): void {
    if (analysis.extendsSomething) {
      const parent = Object.getPrototypeOf(fn) as unknown;
      const isNull = parent === Function.prototype;
      node.heritage = isNull ? null : this.write(parent, { ...here, variable: `${fn.name}'s parent class` });
    }
    const skip = new Set<PropertyKey>([
      'length',
      'name',
      'prototype',
      'arguments',
      'caller',
      ...analysis.staticNames,
    ]);
    const props = writeProperties(this, fn, { ...here, variable: fn.name }, skip);
    if (props.length > 0) node.props = props;
    if (node.kind === 'class' || !Object.hasOwn(fn, 'prototype')) return;
    const prototype = (fn as { prototype: unknown }).prototype;
    if (!isObject(prototype) || isGeneratorFunction(fn)) return;
    const own = writeProperties(
      this,
      prototype,
      { ...here, variable: `${fn.name}.prototype` },
      new Set(['constructor']),
    );
    const parent = Object.getPrototypeOf(prototype) as object | null;
    if (own.length === 0 && parent === Object.prototype) return;
    node.prototype = { props: own };
    if (parent !== null && parent !== Object.prototype) {
      node.prototype.proto = this.writePrototype(parent, { ...here, variable: `${fn.name}.prototype` });
    }
  }

  /** The prototype of an instance: by its class where it is one's, so that `instanceof` goes on working. */
  writePrototype(prototype: object, context: Context): Ref {
    const seen = this.#seen.get(prototype);
    if (seen !== undefined) return seen;
    const known = knownNode(prototype);
    if (known) return this.add(prototype, known);
    const owner = Object.getOwnPropertyDescriptor(prototype, 'constructor')?.value as AnyFunction | undefined;
    if (typeof owner !== 'function' || owner.prototype !== prototype) return this.write(prototype, context);
    const of = this.write(owner, {
      ...context,
      variable: `${context.variable} (class ${owner.name})`,
      members: undefined,
    });
    const again = this.#seen.get(prototype);
    return again ?? this.add(prototype, { t: 'prototype', of });
  }
}

export function isObject(value: unknown): value is object {
  return (typeof value === 'object' && value !== null) || typeof value === 'function';
}

function isGeneratorFunction(fn: AnyFunction): boolean {
  return types.isGeneratorFunction(fn);
}

/** The exports of a compiled ES module. */
const isCompiled = (value: object): boolean =>
  Object.getOwnPropertyDescriptor(value, '__esModule')?.value === true;

function mayBeModule(value: object): boolean {
  return types.isModuleNamespaceObject(value) || isCompiled(value) || exportOf(value) !== undefined;
}

/** With `eval` in the source any name may be used: all that can be seen go along. */
function allNames(scopes: Scope[], analysis: Analysis): Analysis['free'] {
  const names: Analysis['free'] = new Map(analysis.free);
  for (const { object } of scopes) {
    for (const name of Object.keys(object)) if (!names.has(name)) names.set(name, { written: true });
  }
  return names;
}
