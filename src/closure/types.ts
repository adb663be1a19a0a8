/**
 * What a function becomes on its way: a table of nodes that refer to each other by index, made of nothing but
 * structured-clonable values. Cycles and shared objects survive because every object is one node.
 */

/** An index into `SerializedClosure.nodes`. */
export type Ref = number;

/** A property: key (or the node of a symbol), flags, and a value or a getter and a setter. */
export type PropertyNode = [key: string | { symbol: Ref }, flags: number, value: Ref, setter?: Ref];

export const ENUMERABLE = 1;
export const WRITABLE = 2;
export const CONFIGURABLE = 4;
export const ACCESSOR = 8;
/** A plain property, as an assignment makes it. */
export const PLAIN = ENUMERABLE | WRITABLE | CONFIGURABLE;

export interface FunctionNode {
  t: 'function';
  /** How the source is wrapped to become a value. */
  kind: 'expression' | 'method' | 'class';
  source: string;
  name: string;
  /** The script it came from, as V8 names it, and where in it: zero-based. */
  file: string;
  line: number;
  column: number;
  strict: boolean;
  module: boolean;
  /** The source says `import.meta`. */
  usesMeta?: boolean;
  /** A method's computed key. */
  key?: string;
  /** Variables: name and value. */
  vars: [string, Ref][];
  /** Names that evaluating a class reads at once (computed keys). */
  eager: string[];
  /** Cells of the variables that this function shares with others and that one of them writes. */
  cells?: number[];
  heritage?: Ref | null;
  props?: PropertyNode[];
  prototype?: { proto?: Ref; props: PropertyNode[] };
}

export type ClosureNode =
  | { t: 'raw'; v: unknown }
  | { t: 'buffer'; v: Uint8Array }
  | { t: 'handle'; v: unknown }
  | { t: 'global'; path: string[] }
  | { t: 'builtin'; module: string; key?: string }
  | { t: 'require'; file: string; key?: string }
  | { t: 'import'; referrer: string; specifier: string; key?: string }
  | { t: 'requirer'; file: string }
  | { t: 'module'; file: string; exports: Ref }
  | { t: 'symbol'; description?: string; key?: string }
  /** A function that came from where this goes: `ref` in what came. */
  | { t: 'origin'; ref: Ref }
  | FunctionNode
  | { t: 'bound'; target: Ref; self: Ref; args: Ref[]; name: string }
  | { t: 'prototype'; of: Ref }
  | {
      t: 'object';
      base: 'object' | 'array' | 'error' | 'map' | 'set' | 'date' | 'regexp' | 'url' | 'params' | 'boxed';
      v?: unknown;
      proto?: Ref | null;
      props: PropertyNode[];
      entries?: Ref[];
      sealed?: 'frozen' | 'sealed' | 'closed';
    };

/** A function on its way to another thread or process: structured-clonable as a whole. */
export interface SerializedClosure {
  nodes: ClosureNode[];
  /** Variables that several functions share and at least one writes. */
  cells: [name: string, value: Ref][];
  root: Ref;
  /** Names this capture, so that its functions are known when they come back. */
  id: string;
  /** What runs as the program: never loaded a second time. */
  entry?: string;
}
