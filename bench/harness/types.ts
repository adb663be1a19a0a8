/** One sample of a contender in the unit of its row; called once a round. */
export type Measure = () => number | Promise<number>;

export interface Contender {
  /** As it is printed: `prong`, `CPython os.fork`. */
  name: string;
  measure?: Measure;
  /** Why it can't run here (no python3, say). It is listed with this reason and not measured. */
  missing?: string | undefined;
}

/** What the issue asks for, checked against the medians. */
export interface Target {
  contender: string;
  /** The contender it is compared with; the row's base by default. */
  against?: string;
  /** The value may be at most this many times the other's. */
  atMost?: number;
  /** The value must be at least this many times the other's. */
  atLeast?: number;
  /** The value may exceed the other's by at most this much, in the row's unit. */
  within?: number;
  /** The value itself, in the row's unit, may be at most this. For sizes and counts, never for times. */
  limit?: number;
}

export interface Row {
  name: string;
  /** Of every number in the row: `ns`, `ms`, `MB`, `ops/s`. */
  unit: string;
  better: 'lower' | 'higher';
  /** The contender everything else is divided by. */
  base: string;
  contenders: Contender[];
  targets?: Target[];
  /** Rounds for this row instead of the default, for very long or very short ones. */
  rounds?: number;
}

export interface Suite {
  name: string;
  /** What is measured and how, in a sentence or two. */
  about: string;
  rows: Row[] | (() => Row[] | Promise<Row[]>);
  /** Runs once before the first row; what it returns runs after the last, whatever happened. */
  setup?: () => unknown | Promise<undefined | (() => unknown)>;
}

export interface ContenderResult {
  name: string;
  samples: number[];
  median: number;
  /** Half of the samples lie between these two. */
  quartiles: [number, number];
  /** Median of the ratios to the base, each taken within one round. */
  ratio: number;
  missing?: string;
}

export interface TargetResult {
  text: string;
  /** `undefined` where one side could not run. */
  met: boolean | undefined;
  measured: number | undefined;
}

export interface RowResult {
  name: string;
  unit: string;
  better: 'lower' | 'higher';
  base: string;
  contenders: ContenderResult[];
  targets: TargetResult[];
}

export interface SuiteResult {
  suite: string;
  about: string;
  when: string;
  machine: Record<string, string | number>;
  rows: RowResult[];
}

/** Gives a suite its type; a suite is the default export of bench/<name>/index.ts. */
export function defineSuite(suite: Suite): Suite {
  return suite;
}
