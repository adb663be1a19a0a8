/** Reads a function's source: which names it takes from outside, and which of them it writes. */
import { type Node, parse } from 'acorn';
import { analyze as analyzeScopes } from 'eslint-scope';
import { HERITAGE, KEY, META } from './names.js';

export interface FreeName {
  written: boolean;
  /** The members it reads, where it only ever reads members by name (`exports.x`); else undefined. */
  members?: Set<string>;
}

export interface Analysis {
  kind: 'expression' | 'method' | 'class';
  /** The source to compile elsewhere: it differs from the original only where a class or a computed key needs it. */
  source: string;
  free: Map<string, FreeName>;
  hasEval: boolean;
  /** What the source leans on that no variable carries: `this` of an arrow function, `super`, ... */
  obstacle?: string;
  importMeta: boolean;
  /** For a class: names of static methods and accessors, which the source makes anew. */
  staticNames: Set<string>;
  eager: string[];
  /** A class with private instance members: its instances can't be rebuilt. */
  privateMembers: boolean;
  extendsSomething: boolean;
  computedKey: boolean;
}

// biome-ignore lint/suspicious/noExplicitAny: an AST is walked by its shape
type Tree = any;

const cache = new Map<string, Analysis>();
const CACHE_LIMIT = 2000;

/** Throws a SyntaxError where the source is not a function's. */
export function analyze(source: string): Analysis {
  const known = cache.get(source);
  if (known) return known;
  const made = analyzeNow(source);
  if (cache.size >= CACHE_LIMIT) cache.clear();
  cache.set(source, made);
  return made;
}

function parseAs(text: string): { tree: Tree; sourceType: 'module' | 'script' } {
  let first: unknown;
  for (const sourceType of ['module', 'script'] as const) {
    try {
      const tree = parse(text, {
        ecmaVersion: 'latest',
        sourceType,
        ranges: true,
        allowSuperOutsideMethod: true,
        // A method taken alone names the private members of a class that isn't in sight.
        checkPrivateFields: false,
      } as Parameters<typeof parse>[1]);
      return { tree, sourceType };
    } catch (error) {
      first ??= error;
    }
  }
  throw first;
}

/** Calls `visit` on every node, parents first; a visit that returns false keeps out of the node. */
function walk(node: Tree, visit: (node: Tree, parent: Tree) => boolean | undefined, parent?: Tree): void {
  if (visit(node, parent) === false) return;
  for (const key of Object.keys(node)) {
    if (key === 'type' || key === 'range' || key === 'start' || key === 'end') continue;
    const child = node[key];
    if (Array.isArray(child)) {
      for (const item of child) if (item && typeof item.type === 'string') walk(item, visit, node);
    } else if (child && typeof child.type === 'string') walk(child, visit, node);
  }
}

interface Edit {
  start: number;
  end: number;
  text: string;
}

function applyEdits(text: string, edits: Edit[]): string {
  let result = text;
  for (const { start, end, text: replacement } of [...edits].sort((a, b) => b.start - a.start)) {
    result = result.slice(0, start) + replacement + result.slice(end);
  }
  return result;
}

/** Replaces text by blanks, keeping its lines where they are. */
const blank = (text: string): string => text.replace(/[^\n\r\u2028\u2029]/g, ' ');

function wrap(kind: Analysis['kind'], source: string): { text: string; offset: number } {
  return kind === 'method' ? { text: `({${source}\n})`, offset: 2 } : { text: `(${source}\n)`, offset: 1 };
}

function parseFunction(source: string): { kind: Analysis['kind']; root: Tree } {
  const kinds: Analysis['kind'][] = ['expression', 'method'];
  let first: unknown;
  for (const kind of kinds) {
    try {
      const { tree } = parseAs(wrap(kind, source).text);
      const expression = tree.body[0].expression;
      if (kind === 'method') {
        const property = expression.properties[0];
        if (expression.properties.length !== 1 || property.value?.type !== 'FunctionExpression') continue;
        return { kind, root: property };
      }
      if (expression.type === 'ClassExpression') return { kind: 'class', root: expression };
      if (/^(Arrow)?FunctionExpression$/.test(expression.type)) return { kind, root: expression };
    } catch (error) {
      first ??= error;
    }
  }
  throw first ?? new SyntaxError('not a function');
}

function classEdits(root: Tree, source: string, offset: number, into: Analysis): Edit[] {
  const edits: Edit[] = [];
  const at = (node: Tree, text: string): Edit => ({
    start: node.start - offset,
    end: node.end - offset,
    text,
  });
  if (root.superClass) {
    into.extendsSomething = true;
    edits.push(at(root.superClass, HERITAGE));
  }
  for (const member of root.body.body) {
    const isPrivate = member.key?.type === 'PrivateIdentifier';
    if (isPrivate && !member.static) into.privateMembers = true;
    if (
      member.type === 'StaticBlock' ||
      (member.type === 'PropertyDefinition' && member.static && !isPrivate)
    ) {
      // Static state arrives as values: running its initializers a second time would start it afresh.
      edits.push(at(member, blank(source.slice(member.start - offset, member.end - offset))));
    } else if (member.type === 'MethodDefinition' && member.static && !member.computed && !isPrivate) {
      into.staticNames.add(String(member.key.name ?? member.key.value));
    }
  }
  return edits;
}

function collectEager(root: Tree): string[] {
  const names: string[] = [];
  const collect = (node: Tree): void =>
    walk(node, (inner) => {
      if (inner.type === 'Identifier') names.push(inner.name);
      return undefined;
    });
  for (const member of root.body.body) {
    if (member.computed) collect(member.key);
    if (member.static && member.type === 'PropertyDefinition' && member.value) collect(member.value);
  }
  return names;
}

function findObstacle(kind: Analysis['kind'], root: Tree): string | undefined {
  let found: string | undefined;
  const arrow = root.type === 'ArrowFunctionExpression';
  walk(root, (node, parent) => {
    if (found) return false;
    if (node !== root && kind !== 'class') {
      // A class or function of its own brings its own `this`, `super` and private names.
      if (node.type === 'ClassExpression' || node.type === 'ClassDeclaration') return false;
      if (arrow && /^Function(Expression|Declaration)$/.test(node.type)) return false;
    }
    if (arrow && node.type === 'ThisExpression') {
      found = "an arrow function's `this` can't be read from outside: use a variable (`const self = this`)";
    } else if (
      arrow &&
      node.type === 'Identifier' &&
      node.name === 'arguments' &&
      parent?.property !== node
    ) {
      found = "an arrow function's `arguments` can't be read from outside: use a variable";
    } else if (arrow && node.type === 'MetaProperty' && node.meta.name === 'new') {
      found = "an arrow function's `new.target` can't be read from outside";
    } else if (node.type === 'Super' && kind !== 'class') {
      const objectMethod = parent && node !== root && kind === 'expression' && !arrow;
      if (!objectMethod)
        found = "`super` can't be resolved away from the object it belongs to: take the whole class";
    } else if (node.type === 'PrivateIdentifier' && kind !== 'class') {
      found = `the private name #${node.name} belongs to a class: take the whole class`;
    }
    return undefined;
  });
  return found;
}

function analyzeNow(original: string): Analysis {
  const first = parseFunction(original);
  const result: Analysis = {
    kind: first.kind,
    source: original,
    free: new Map(),
    hasEval: false,
    importMeta: false,
    staticNames: new Set(),
    eager: [],
    privateMembers: false,
    extendsSomething: false,
    computedKey: false,
  };
  const { offset } = wrap(first.kind, original);
  const edits: Edit[] = [];
  if (first.kind === 'class') edits.push(...classEdits(first.root, original, offset, result));
  if (first.kind === 'method' && first.root.computed) {
    result.computedKey = true;
    edits.push({ start: first.root.key.start - offset, end: first.root.key.end - offset, text: KEY });
  }
  walk(first.root, (node) => {
    if (node.type === 'MetaProperty' && node.meta.name === 'import') {
      result.importMeta = true;
      const start = node.start - offset;
      if (!edits.some((edit) => edit.start <= start && edit.end >= node.end - offset)) {
        edits.push({ start, end: node.end - offset, text: META });
      }
    }
    return undefined;
  });
  result.source = applyEdits(original, edits);
  const { tree, sourceType } = parseAs(wrap(result.kind, result.source).text);
  const expression = tree.body[0].expression;
  const root = result.kind === 'method' ? expression.properties[0] : expression;
  result.obstacle = findObstacle(result.kind, result.kind === 'method' ? root.value : root);
  if (result.kind === 'class') result.eager = collectEager(root);
  collectFree(tree, sourceType, result);
  return result;
}

function collectFree(tree: Tree, sourceType: 'module' | 'script', into: Analysis): void {
  const members = new Map<Node, string>();
  walk(tree, (node) => {
    if (node.type === 'MemberExpression' && node.object.type === 'Identifier') {
      if (!node.computed && node.property.type === 'Identifier') members.set(node.object, node.property.name);
      else if (node.computed && typeof node.property.value === 'string') {
        members.set(node.object, node.property.value);
      }
    }
    if (node.type === 'CallExpression' && node.callee.type === 'Identifier' && node.callee.name === 'eval') {
      into.hasEval = true;
    }
    return undefined;
  });
  const manager = analyzeScopes(tree, { ecmaVersion: 2022, sourceType });
  for (const reference of manager.globalScope?.through ?? []) {
    const { name } = reference.identifier as unknown as { name: string };
    if (name === HERITAGE || name === KEY || name === META) continue;
    const member = members.get(reference.identifier as unknown as Node);
    const known = into.free.get(name);
    if (!known) {
      into.free.set(name, {
        written: reference.isWrite(),
        members: member === undefined ? undefined : new Set([member]),
      });
      continue;
    }
    known.written ||= reference.isWrite();
    if (member === undefined) known.members = undefined;
    else known.members?.add(member);
  }
}
