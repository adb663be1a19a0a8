import { median, quantile, shuffled } from './statistics.js';
import { judgeTargets } from './targets.js';
import type { Contender, ContenderResult, Row, RowResult } from './types.js';

/**
 * Measures a row: every contender once a round, in a new order each time, so that what disturbs the machine for a
 * while disturbs all of them. The first round warms up and is thrown away.
 */
export async function runRow(
  row: Row,
  rounds: number,
  onProgress: (text: string) => void,
): Promise<RowResult> {
  const samples = new Map<string, number[]>();
  const missing = new Map<string, string>();
  for (const { name, measure, missing: reason } of row.contenders) {
    if (measure === undefined || reason !== undefined) missing.set(name, reason ?? 'nothing to measure');
    else samples.set(name, []);
  }
  const running = row.contenders.filter(({ name }) => samples.has(name));
  for (let round = 0; round <= rounds; round++) {
    for (const contender of shuffled(running)) {
      onProgress(`${row.name}: round ${round}/${rounds}, ${contender.name}`);
      const value = await sample(row, contender);
      if (round > 0) samples.get(contender.name)!.push(value);
    }
  }
  const base = samples.get(row.base);
  if (base === undefined && !missing.has(row.base)) {
    throw new Error(`row "${row.name}" has no contender "${row.base}" to be its base`);
  }
  const contenders = row.contenders.map(({ name }): ContenderResult => {
    const values = samples.get(name) ?? [];
    const reason = missing.get(name);
    return {
      name,
      samples: values,
      median: median(values),
      quartiles: [quantile(values, 0.25), quantile(values, 0.75)],
      ratio: base === undefined ? Number.NaN : median(values.map((value, round) => value / base[round]!)),
      ...(reason === undefined ? {} : { missing: reason }),
    };
  });
  const { name, unit, better } = row;
  return { name, unit, better, base: row.base, contenders, targets: judgeTargets(row, contenders) };
}

async function sample(row: Row, contender: Contender): Promise<number> {
  let value: number;
  try {
    value = await contender.measure!();
  } catch (error) {
    throw new Error(`"${row.name}": ${contender.name} failed`, { cause: error });
  }
  if (!Number.isFinite(value)) throw new Error(`"${row.name}": ${contender.name} gave ${value}`);
  return value;
}
