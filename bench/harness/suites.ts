import { existsSync, readdirSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { describeMachine } from './machine.js';
import { benchProgram } from './paths.js';
import { runRow } from './run-row.js';
import type { RowResult, Suite, SuiteResult } from './types.js';

export interface RunOptions {
  rounds: number;
  /** Only rows whose name contains this. */
  only?: string | undefined;
  onProgress: (text: string) => void;
}

/** The names of all suites: folders of bench/ with an index. */
export function suiteNames(): string[] {
  const bench = benchProgram('run').replace(/run\.js$/, '');
  return readdirSync(bench, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && existsSync(`${bench}${entry.name}/index.js`))
    .map((entry) => entry.name)
    .sort();
}

export async function loadSuite(name: string): Promise<Suite> {
  const module = (await import(pathToFileURL(benchProgram(`${name}/index`)).href)) as { default?: Suite };
  if (module.default === undefined) throw new Error(`bench/${name}/index.ts has no default export`);
  return module.default;
}

export async function runSuite(suite: Suite, options: RunOptions): Promise<SuiteResult> {
  const teardown = await suite.setup?.();
  const rows: RowResult[] = [];
  try {
    const defined = typeof suite.rows === 'function' ? await suite.rows() : suite.rows;
    for (const row of defined) {
      if (options.only !== undefined && !row.name.includes(options.only)) continue;
      rows.push(await runRow(row, row.rounds ?? options.rounds, options.onProgress));
    }
  } finally {
    if (typeof teardown === 'function') await teardown();
  }
  return {
    suite: suite.name,
    about: suite.about,
    when: new Date().toISOString().slice(0, 10),
    machine: describeMachine(),
    rows,
  };
}
