/** Compiles a function's source so that it stands where it stood: same file, same line, same column. */
import { createRequire, Module } from 'node:module';
import { dirname } from 'node:path';
import { pathToFileURL } from 'node:url';
import { constants, Script } from 'node:vm';
import { HERITAGE, KEY, META } from './names.js';
import { filePath, scriptText } from './scripts.js';
import type { FunctionNode } from './types.js';

// biome-ignore lint/complexity/noBannedTypes: any function at all
type AnyFunction = Function;

export interface Surroundings {
  parent: unknown;
  cells: object[];
  early: () => unknown[];
  meta: () => object;
}

type Factory = (
  parent: unknown,
  key: string,
  meta: object | undefined,
  cells: object[],
  link: (set: (values: unknown[]) => void) => void,
) => AnyFunction | Record<string, AnyFunction>;

const WARNING = 'vm.USE_MAIN_CONTEXT_DEFAULT_LOADER';
let quiet = false;

/** import() in a carried function resolves as in its file. Node calls the way to that experimental, once, aloud. */
function hushWarning(): void {
  if (quiet) return;
  quiet = true;
  const { emitWarning } = process;
  process.emitWarning = function (this: unknown, ...args: unknown[]) {
    if (!String(args[0]).startsWith(WARNING)) Reflect.apply(emitWarning, process, args);
  } as typeof process.emitWarning;
}

const mapped = new Set<string>();

/** With --enable-source-maps Node reads a file's map when it loads the file; here nobody has loaded it. */
function registerSourceMap(file: string): void {
  if (mapped.has(file) || !process.sourceMapsEnabled) return;
  mapped.add(file);
  const path = filePath(file);
  const comment =
    path &&
    scriptText(file)
      ?.match(/^\/\/# sourceMappingURL=\S+\s*$/gm)
      ?.at(-1);
  if (!comment) return;
  const module = new Module(path) as NodeJS.Module & { _compile(text: string, file: string): void };
  module._compile(comment, path);
}

function compile(text: string, node: Pick<FunctionNode, 'file' | 'line'>): unknown {
  registerSourceMap(node.file);
  const usesImport = /\bimport\s*\(/.test(text);
  if (usesImport) hushWarning();
  return new Script(text, {
    filename: node.file || 'closure',
    lineOffset: node.line - 1,
    ...(usesImport ? { importModuleDynamically: constants.USE_MAIN_CONTEXT_DEFAULT_LOADER } : {}),
  }).runInThisContext();
}

/**
 * The text: one line of surroundings, then the source at its own line and column. Variables are `let`s that `link`
 * fills in afterwards, since functions may refer to each other; shared ones that are written live in `with` objects.
 */
function factoryText(node: FunctionNode, names: string[]): string {
  const { kind, source } = node;
  const open = kind === 'method' ? '({' : '(';
  const close = kind === 'method' ? '\n})' : '\n)';
  const variables =
    names.length === 0
      ? ''
      : `let ${names.join()};${LINK}((${VALUES})=>{${names.map((name, i) => `${name}=${VALUES}[${i}]`).join(';')}});`;
  const strict = node.strict ? '"use strict";' : '';
  const shared = (node.cells ?? []).map((_, i) => `with(${CELLS}[${i}])`).join('');
  const parameters = `${HERITAGE},${KEY},${META},${CELLS},${LINK}`;
  const inner = `{return(function(){${strict}${variables}return${open}\n${' '.repeat(node.column)}${source}${close}})()}`;
  return `(function(${parameters}){${shared}${inner}})`;
}

const CELLS = '__prong_cells';
const VALUES = '__prong_values';
const LINK = '__prong_link';

export function compileFunction(
  node: FunctionNode,
  names: string[],
  { parent, cells, early, meta }: Surroundings,
): { fn: AnyFunction; link: (values: unknown[]) => void } {
  const factory = compile(factoryText(node, names), node) as Factory;
  let link: (values: unknown[]) => void = () => {};
  const made = factory(parent, node.key ?? node.name, node.usesMeta ? meta() : undefined, cells, (set) => {
    link = set;
    if (node.eager.length > 0) set(early());
  });
  if (node.kind !== 'method') return { fn: made as AnyFunction, link };
  const key = Reflect.ownKeys(made)[0] as string;
  const own = Object.getOwnPropertyDescriptor(made, key) as PropertyDescriptor;
  return { fn: (own.value ?? own.get ?? own.set) as AnyFunction, link };
}

type Import = (specifier: string) => Promise<Record<string, unknown>>;
const importers = new Map<string, Import>();

/** An `import()` that resolves as it would in `referrer`. */
export function importer(referrer: string): Import {
  let made = importers.get(referrer);
  if (!made) {
    made = compile('\n(specifier) => import(specifier)', { file: referrer, line: 0 }) as Import;
    importers.set(referrer, made);
  }
  return made;
}

/** What `import.meta` says in `file`. */
export function makeImportMeta(file: string): object {
  const path = filePath(file);
  const url = path === undefined ? file : pathToFileURL(path).href;
  const resolve = (specifier: string): string => {
    if (/^(\.{0,2}\/|file:)/.test(specifier)) return new URL(specifier, url).href;
    const found = createRequire(path ?? `${process.cwd()}/[closure]`).resolve(specifier);
    return filePath(found) === undefined ? `node:${found.replace(/^node:/, '')}` : pathToFileURL(found).href;
  };
  return { url, resolve, ...(path === undefined ? {} : { filename: path, dirname: dirname(path) }) };
}
