/** Which file a function stands in, and its text: V8's inspector tells a script's number, not its name. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { FunctionInside, Inspector } from './inspect.js';

export interface Script {
  /** As V8 names it: a path (CommonJS), a file URL (ES module), 'node:…', '[eval]', or ''. */
  url: string;
  text?: string;
  module: boolean;
  /** The file begins with "use strict", or is an ES module. */
  strict: boolean;
}

export interface Place {
  script: Script;
  /** Where the source text begins: zero-based. */
  line: number;
  column: number;
}

const scripts = new Map<string, Script>();
const texts = new Map<string, { text: string; lines: number[] } | null>();

/** The path of a script's file, or undefined for what is in no file. */
export function filePath(url: string): string | undefined {
  if (url.startsWith('/')) return url;
  if (!url.startsWith('file:')) return undefined;
  try {
    return fileURLToPath(url);
  } catch {
    return undefined;
  }
}

function readText(url: string): { text: string; lines: number[] } | null {
  const known = texts.get(url);
  if (known !== undefined) return known;
  const path = filePath(url);
  let made: { text: string; lines: number[] } | null = null;
  if (path !== undefined) {
    try {
      const text = readFileSync(path, 'utf8');
      const lines = [0];
      for (const match of text.matchAll(/\r\n|[\n\r\u2028\u2029]/g))
        lines.push(match.index + match[0].length);
      made = { text, lines };
    } catch {}
  }
  texts.set(url, made);
  return made;
}

/** The text of a script's file, or undefined where there is none. */
export const scriptText = (url: string): string | undefined => readText(url)?.text;

/** Where `source` begins in the file, if the function at that place of the file is this one. */
function findIn(
  url: string,
  inside: FunctionInside,
  source: string,
): { line: number; column: number } | undefined {
  const read = readText(url);
  const lineStart = read?.lines[inside.line];
  if (!read || lineStart === undefined) return undefined;
  const at = lineStart + inside.column;
  const start = read.text.lastIndexOf(source, at);
  if (start === -1 || at - start > source.length) return undefined;
  let line = inside.line;
  while (line > 0 && (read.lines[line] as number) > start) line--;
  return { line, column: start - (read.lines[line] as number) };
}

function isModuleText(text: string): boolean {
  return /^[ \t]*(import\b[\s{*'"\w]|export\b[\s{*])/m.test(text);
}

function describe(url: string, isModule: boolean): Script {
  const text = readText(url)?.text;
  const strict =
    isModule ||
    (text !== undefined && /^(#!.*\n)?(\s|\/\/.*\n|\/\*[\s\S]*?\*\/)*["']use strict["']/.test(text));
  return { url, text, module: isModule, strict };
}

/** The files on the stack: the likeliest home of a function that is just being handed over. */
function callers(): string[] {
  const { prepareStackTrace, stackTraceLimit } = Error;
  try {
    Error.stackTraceLimit = 30;
    Error.prepareStackTrace = (_error, sites) => sites.map((site) => site.getFileName() ?? '');
    return [...new Set(new Error().stack as unknown as string[])];
  } finally {
    Error.prepareStackTrace = prepareStackTrace;
    Error.stackTraceLimit = stackTraceLimit;
  }
}

function locate(script: Script, inside: FunctionInside, source: string): Place {
  const found = findIn(script.url, inside, source);
  return {
    script,
    line: found?.line ?? Math.max(0, inside.line),
    column: found?.column ?? Math.max(0, inside.column),
  };
}

export function placeOf(inside: FunctionInside, source: string, inspector: Inspector): Place {
  const { scriptId } = inside;
  if (scriptId === undefined) {
    return { script: { url: '', module: false, strict: false }, line: 0, column: 0 };
  }
  const known = scripts.get(scriptId);
  if (known) return locate(known, inside, source);
  const inModule = inside.scopes.some(({ description }) => description === 'Module');
  for (const url of [...callers(), ...(source.length > 40 ? Object.keys(require.cache) : [])]) {
    const found = findIn(url, inside, source);
    if (!found) continue;
    const isModule = inModule || (url.startsWith('file:') && isModuleText(readText(url)?.text ?? ''));
    const script = describe(url, isModule);
    scripts.set(scriptId, script);
    return { script, ...found };
  }
  for (const { scriptId: id, url, isModule } of inspector.scripts()) {
    if (!scripts.has(id)) scripts.set(id, describe(url, isModule === true));
  }
  return locate(scripts.get(scriptId) ?? describe('', inModule), inside, source);
}
