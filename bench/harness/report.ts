import { mkdirSync, writeFileSync } from 'node:fs';
import Table from 'cli-table3';
import { benchSource } from './paths.js';
import type { ContenderResult, RowResult, SuiteResult, TargetResult } from './types.js';

function number(value: number): string {
  if (!Number.isFinite(value)) return '-';
  const digits = Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : Math.abs(value) >= 1 ? 2 : 3;
  return value.toLocaleString('en-US', { maximumFractionDigits: digits, minimumFractionDigits: digits });
}

function cells(row: RowResult, result: ContenderResult): string[] {
  if (result.missing !== undefined) return [result.name, `not run: ${result.missing}`, '', ''];
  const [low, high] = result.quartiles;
  return [
    result.name,
    `${number(result.median)} ${row.unit}`,
    `${number(low)} .. ${number(high)}`,
    result.name === row.base ? 'base' : `${number(result.ratio)} x`,
  ];
}

function verdict({ text, met, measured }: TargetResult): string {
  if (met === undefined || measured === undefined) return `  ?   ${text}: not measured`;
  return `  ${met ? 'met    ' : 'NOT met'}  ${text} (is ${number(measured)})`;
}

/** The suite as text: medians never stand without their spread and their ratio to the base. */
export function renderSuite(result: SuiteResult): string {
  const parts = [
    `${result.suite}: ${result.about}`,
    Object.entries(result.machine)
      .map(([key, value]) => `${key} ${value}`)
      .join(', '),
  ];
  for (const row of result.rows) {
    const table = new Table({
      head: [row.name, 'median', 'middle half', `ratio to ${row.base}`],
      style: { head: [], border: [], compact: true },
      colAligns: ['left', 'right', 'right', 'right'],
    });
    for (const contender of row.contenders) table.push(cells(row, contender));
    parts.push(`${row.better} is better`, table.toString(), ...row.targets.map(verdict));
  }
  return `${parts.join('\n')}\n`;
}

export function writeResult(result: SuiteResult): void {
  mkdirSync(benchSource('results'), { recursive: true });
  writeFileSync(benchSource(`results/${result.suite}.json`), `${JSON.stringify(result, null, 1)}\n`);
}
