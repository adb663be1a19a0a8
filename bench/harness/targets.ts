import { median } from './statistics.js';
import type { ContenderResult, Row, Target, TargetResult } from './types.js';

function paired(one: ContenderResult, other: ContenderResult, combine: (a: number, b: number) => number) {
  return median(one.samples.map((value, round) => combine(value, other.samples[round]!)));
}

function judge(target: Target, row: Row, results: ContenderResult[]): TargetResult[] {
  const against = target.against ?? row.base;
  const one = results.find((result) => result.name === target.contender);
  const other = results.find((result) => result.name === against);
  const checks: Array<[string, number | undefined, (value: number) => boolean]> = [];
  const ran = (result: ContenderResult | undefined) => result !== undefined && result.samples.length > 0;
  const both = ran(one) && ran(other);
  const ratio = both ? paired(one!, other!, (a, b) => a / b) : undefined;
  if (target.atMost !== undefined) {
    checks.push([`at most ${target.atMost} x ${against}`, ratio, (value) => value <= target.atMost!]);
  }
  if (target.atLeast !== undefined) {
    checks.push([`at least ${target.atLeast} x ${against}`, ratio, (value) => value >= target.atLeast!]);
  }
  if (target.within !== undefined) {
    const above = both ? paired(one!, other!, (a, b) => a - b) : undefined;
    checks.push([
      `at most ${target.within} ${row.unit} above ${against}`,
      above,
      (value) => value <= target.within!,
    ]);
  }
  if (target.limit !== undefined) {
    checks.push([
      `at most ${target.limit} ${row.unit}`,
      ran(one) ? one!.median : undefined,
      (value) => value <= target.limit!,
    ]);
  }
  return checks.map(([text, measured, passes]) => ({
    text: `${target.contender}: ${text}`,
    measured,
    met: measured === undefined ? undefined : passes(measured),
  }));
}

export function judgeTargets(row: Row, results: ContenderResult[]): TargetResult[] {
  return (row.targets ?? []).flatMap((target) => judge(target, row, results));
}
