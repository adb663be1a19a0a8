/** Finds the name under which a value can be had again by loading a module: packages are loaded anew, not carried. */
import { isBuiltin, Module } from 'node:module';
import { join } from 'node:path';
import { parse } from 'acorn';
import type { Script } from './scripts.js';
import { filePath } from './scripts.js';
import type { ClosureNode } from './types.js';

export type Reference = Extract<ClosureNode, { t: 'require' | 'import' }>;

/** Where prong itself lies: its objects are the other thread's prong's. */
const HOME = join(__dirname, '..', '/');

/** Is this file a package's, and so no part of the program? */
export function isPackaged(file: string): boolean {
  return file.includes('/node_modules/') || file.startsWith(HOME);
}

interface Binding {
  specifier: string;
  /** The exported name; undefined for the namespace. */
  key?: string;
}

const importTables = new WeakMap<Script, Map<string, Binding>>();

function importsOf(script: Script): Map<string, Binding> {
  const known = importTables.get(script);
  if (known) return known;
  const table = new Map<string, Binding>();
  importTables.set(script, table);
  if (script.text === undefined || !/\bimport\b/.test(script.text)) return table;
  let body: { type: string; [key: string]: unknown }[];
  try {
    body = parse(script.text, { ecmaVersion: 'latest', sourceType: 'module' }).body as never;
  } catch {
    return table;
  }
  for (const statement of body) {
    if (statement.type !== 'ImportDeclaration') continue;
    const specifier = String((statement.source as { value: unknown }).value);
    for (const item of statement.specifiers as Record<string, { name?: string; value?: string } & string>[]) {
      const type = item.type as unknown as string;
      const key =
        type === 'ImportNamespaceSpecifier'
          ? undefined
          : type === 'ImportDefaultSpecifier'
            ? 'default'
            : (item.imported?.name ?? item.imported?.value);
      table.set(item.local?.name as string, { specifier, key });
    }
  }
  return table;
}

/** How the ES module that `script` is imports the variable `name`, if it does. */
export function importOf(script: Script, name: string): Reference | undefined {
  if (!script.module) return undefined;
  const binding = importsOf(script).get(name);
  return binding && { t: 'import', referrer: script.url, specifier: binding.specifier, key: binding.key };
}

/** A reference into a package or a built-in module, as against another file of the program. */
export function refersToPackage(reference: Reference): boolean {
  if (reference.t === 'require') return isPackaged(reference.file);
  const { specifier, referrer } = reference;
  if (isBuiltin(specifier)) return true;
  const relative = /^(\.|\/|file:|#|data:)/.test(specifier);
  return relative ? isPackaged(filePath(referrer) ?? '') : true;
}

/** What `require.cache` is a proxy of. */
const cache = (Module as unknown as { _cache?: NodeJS.Dict<NodeJS.Module> })._cache ?? require.cache;

let exported = new Map<unknown, Reference>();
let exportedOf = 0;

function listExports(): Map<unknown, Reference> {
  const map = new Map<unknown, Reference>();
  const modules = Object.values(cache).filter((module) => module !== undefined);
  exportedOf = modules.length;
  const isObject = (value: unknown): value is object =>
    (typeof value === 'object' && value !== null) || typeof value === 'function';
  for (const { filename, exports, loaded } of modules) {
    if (filename.endsWith('.node') || !isObject(exports) || !loaded) continue;
    if (!map.has(exports) && Object.getPrototypeOf(exports) !== null)
      map.set(exports, { t: 'require', file: filename });
  }
  for (const { filename, exports, loaded } of modules) {
    if (filename.endsWith('.node') || !isObject(exports) || !loaded) continue;
    for (const key of Object.keys(exports)) {
      let value: unknown;
      try {
        // A re-export is a getter; anybody else's getter is left alone.
        const own = Object.getOwnPropertyDescriptor(exports, key);
        value =
          own?.get && (exports as { __esModule?: boolean }).__esModule ? own.get.call(exports) : own?.value;
      } catch {}
      if (isObject(value) && !map.has(value)) map.set(value, { t: 'require', file: filename, key });
    }
  }
  return map;
}

/** Looks again at what has been loaded; once a capture, since `require.cache` is slow to read. */
export function refreshExports(): void {
  if (Object.keys(cache).length !== exportedOf) exported = listExports();
}

/** The CommonJS module whose exports this value is, or is one of. */
export const exportOf = (value: object): Reference | undefined => exported.get(value);
