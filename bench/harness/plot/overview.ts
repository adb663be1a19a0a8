/** The rows that the README's plot shows: one for each thing that prong is for. */
import type { SuiteResult } from '../types.js';
import { type Point, pointsOf } from './points.js';

export const ROWS: { suite: string; row: string; title: string }[] = [
  { suite: 'fork', row: 'fork + _exit + wait, 60 MB', title: 'fork + exit + wait' },
  {
    suite: 'pool',
    row: '10,000 tiny tasks, each by itself, from creation to join',
    title: 'Pool: 10,000 calls',
  },
  {
    suite: 'pool',
    row: '200 looks at 100 MB of strings, from creation to join',
    title: 'Pool: 200 calls over 100 MB',
  },
  { suite: 'ipc', row: '16-character strings, 1 to 1', title: 'Queue: short strings' },
  { suite: 'locks', row: 'Lock: acquire + release, nobody else wants it', title: 'Lock: acquire + release' },
  {
    suite: 'subprocess',
    row: 'true, awaited, from 500 MB of heap',
    title: 'run a program from 500 MB of heap',
  },
  {
    suite: 'memory',
    row: '4 workers over 200 MB, after each has read all of it',
    title: 'memory of 4 workers over 200 MB',
  },
];

export function overview(results: ReadonlyMap<string, SuiteResult>): Point[] {
  return ROWS.flatMap(({ suite, row, title }) => {
    const found = results.get(suite)?.rows.find(({ name }) => name === row);
    return found === undefined ? [] : pointsOf(found, title);
  });
}
