/** What a plot shows of results: what each contender costs, as a multiple of what prong's costs. */
import type { ContenderResult, RowResult } from '../types.js';

export type Kind = 'prong' | 'node' | 'python' | 'floor';

export interface Point {
  row: string;
  contender: string;
  kind: Kind;
  /** Above 1: it takes longer, or more, than prong, or does less in a second. */
  cost: number;
}

const isProng = ({ name }: ContenderResult): boolean => name.startsWith('prong');

function kindOf(name: string): Kind {
  if (name.startsWith('prong')) return 'prong';
  if (name.startsWith('CPython')) return 'python';
  return name === 'floor (C)' || name.startsWith('C ') ? 'floor' : 'node';
}

/** Empty where nothing in the row is prong's, or could not be measured. */
export function pointsOf(row: RowResult, title = row.name): Point[] {
  const measured = row.contenders.filter(
    ({ missing, ratio }) => missing === undefined && Number.isFinite(ratio) && ratio > 0,
  );
  const own = measured.find(isProng);
  if (own === undefined || measured.length < 2) return [];
  return measured.map(({ name, ratio }) => ({
    row: title,
    contender: name,
    kind: kindOf(name),
    cost: row.better === 'lower' ? ratio / own.ratio : own.ratio / ratio,
  }));
}
