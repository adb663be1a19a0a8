/** What every thread has of its own: the language's objects, Node's globals, Node's modules. They travel by name. */
import { createRequire, isBuiltin } from 'node:module';
import { types } from 'node:util';
import type { ClosureNode } from './types.js';

type Named = Extract<ClosureNode, { t: 'global' | 'builtin' }>;

let globals: Map<unknown, string[]> | undefined;
let builtins: Map<unknown, Named> | undefined;
let builtinsLoaded = 0;

const isObject = (value: unknown): value is object =>
  (typeof value === 'object' && value !== null) || typeof value === 'function';

function listGlobals(): Map<unknown, string[]> {
  const map = new Map<unknown, string[]>();
  const add = (value: unknown, path: string[]): void => {
    if ((isObject(value) || typeof value === 'symbol') && !map.has(value)) map.set(value, path);
  };
  const members = (value: object, path: string[]): void => {
    for (const [key, { value: member }] of Object.entries(Object.getOwnPropertyDescriptors(value))) {
      add(member, [...path, key]);
    }
  };
  add(globalThis, []);
  const language =
    /^(Object|Function|Array|Math|JSON|Reflect|Promise|Symbol|String|Number|Atomics|console|process)$/;
  const own = Object.entries(Object.getOwnPropertyDescriptors(globalThis));
  for (const [key, { value }] of own) {
    // What a program put on the global object itself isn't in the other thread.
    if (!isObject(value) || !isNative(value, key)) continue;
    add(value, [key]);
    if (typeof value === 'function' && isObject(value.prototype)) add(value.prototype, [key, 'prototype']);
    if (language.test(key) || typeof value === 'function') members(value, [key]);
    if (language.test(key) && typeof value === 'function') members(value.prototype, [key, 'prototype']);
  }
  return map;
}

const HOSTED = new Set([
  'console',
  'process',
  'globalThis',
  'global',
  'Math',
  'JSON',
  'Reflect',
  'Atomics',
  'Intl',
  'WebAssembly',
]);

function isNative(value: object, key: string): boolean {
  if (typeof value !== 'function') return HOSTED.has(key);
  return Function.prototype.toString.call(value).includes('[native code]') || NODE_GLOBALS.has(key);
}

/** Functions of Node's own, written in JavaScript. */
const NODE_GLOBALS = new Set(
  (
    'AbortController AbortSignal BroadcastChannel Buffer Event EventTarget MessageChannel MessageEvent MessagePort ' +
    'Performance TextDecoder TextEncoder URL URLSearchParams DOMException clearImmediate clearInterval clearTimeout ' +
    'fetch queueMicrotask setImmediate setInterval setTimeout structuredClone atob btoa Blob'
  ).split(' '),
);

/** Getters on the global object that are safe to look behind, and only for a value that has their name. */
const LAZY = ['crypto', 'performance', 'navigator'];

function loadedBuiltins(): string[] {
  const list = (process as unknown as { moduleLoadList?: string[] }).moduleLoadList ?? [];
  builtinsLoaded = list.length;
  return list
    .map((entry) => /^NativeModule (.+)$/.exec(entry)?.[1])
    .filter((name): name is string => name !== undefined && isBuiltin(name) && !name.startsWith('internal/'));
}

function listBuiltins(): Map<unknown, Named> {
  const map = new Map<unknown, Named>();
  const nodeRequire = createRequire(__filename);
  const load = (name: string): unknown => {
    try {
      return nodeRequire(`node:${name}`);
    } catch {
      return undefined;
    }
  };
  const modules = loadedBuiltins().map((name) => [name, load(name)] as const);
  for (const [module, exports] of modules) {
    if (isObject(exports) && !map.has(exports)) map.set(exports, { t: 'builtin', module: `node:${module}` });
  }
  for (const [module, exports] of modules) {
    if (!isObject(exports)) continue;
    for (const [key, { value }] of Object.entries(Object.getOwnPropertyDescriptors(exports))) {
      if (!isObject(value)) continue;
      if (!map.has(value)) map.set(value, { t: 'builtin', module: `node:${module}`, key });
      const prototype = typeof value === 'function' ? value.prototype : undefined;
      if (isObject(prototype) && !map.has(prototype)) {
        map.set(prototype, { t: 'builtin', module: `node:${module}`, key: `${key}.prototype` });
      }
    }
  }
  return map;
}

/** Looks again at which of Node's modules are loaded; once a capture. */
export function refreshBuiltins(): void {
  const { moduleLoadList = [] } = process as unknown as { moduleLoadList?: string[] };
  if (moduleLoadList.length !== builtinsLoaded) builtins = undefined;
}

function knownBuiltin(value: unknown): Named | undefined {
  builtins ??= listBuiltins();
  const found = builtins.get(value);
  if (found || !types.isModuleNamespaceObject(value)) return found;
  // `import * as fs from 'node:fs'`: a namespace around the same object.
  const inner = (value as { default?: unknown }).default;
  const named = isObject(inner) ? builtins.get(inner) : undefined;
  return named?.t === 'builtin' && named.key === undefined ? named : undefined;
}

/** The node of a value that exists in every thread by its own right, or undefined. */
export function knownNode(value: unknown): Named | undefined {
  globals ??= listGlobals();
  const path = globals.get(value);
  if (path) return { t: 'global', path };
  if (typeof value === 'symbol') return undefined;
  const builtin = knownBuiltin(value);
  if (builtin) return builtin;
  if (!isObject(value)) return undefined;
  const { name } = value as { name?: unknown };
  if (typeof value === 'function' && typeof name === 'string' && NODE_GLOBALS.has(name)) {
    if ((globalThis as Record<string, unknown>)[name] === value) return { t: 'global', path: [name] };
  }
  const className = value.constructor?.name.toLowerCase();
  for (const key of LAZY) {
    if (className === key && (globalThis as Record<string, unknown>)[key] === value)
      return { t: 'global', path: [key] };
  }
  const { fd, constructor } = value as { fd?: unknown; constructor?: { name: string } };
  if (
    (fd === 1 || fd === 2) &&
    /^(WriteStream|SyncWriteStream|Socket|FdStream)$/.test(constructor?.name ?? '')
  ) {
    const key = fd === 1 ? 'stdout' : 'stderr';
    if (process[key] === value) return { t: 'global', path: ['process', key] };
  }
  return undefined;
}

/** Names an object of the language whose instances are rebuilt by `capture`; other built-in classes hide state. */
export function knownPrototype(prototype: object): { name: string; node: Named } | undefined {
  const node = knownNode(prototype);
  if (!node) return undefined;
  const name = node.t === 'global' ? (node.path[0] ?? '') : `${node.module}.${node.key ?? ''}`;
  return { name, node };
}

const atLoad = new Set(Object.getOwnPropertyNames(globalThis));
const OF_EVAL = new Set(['require', 'module', 'exports', '__filename', '__dirname']);

/** A global variable that the program made, or `node -e` for it: no other thread has it. */
export function isOwnGlobal(name: string): boolean {
  return Object.hasOwn(globalThis, name) && (OF_EVAL.has(name) || !atLoad.has(name));
}
