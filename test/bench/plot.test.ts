import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { drawPlots } from '../../bench/harness/plot/index.js';
import { ROWS } from '../../bench/harness/plot/overview.js';
import { pointsOf } from '../../bench/harness/plot/points.js';
import type { ContenderResult, RowResult, SuiteResult } from '../../bench/harness/types.js';

const contender = (name: string, ratio: number, missing?: string): ContenderResult => ({
  name,
  ratio,
  samples: [ratio],
  median: ratio,
  quartiles: [ratio, ratio],
  ...(missing === undefined ? {} : { missing }),
});

const row = (better: 'lower' | 'higher', name = 'row'): RowResult => ({
  name,
  unit: 'ms',
  better,
  base: 'peer',
  contenders: [
    contender('peer', 1),
    contender('prong', 0.5),
    contender('CPython', 2),
    contender('floor (C)', 0.25),
    contender('absent', Number.NaN, 'not installed'),
  ],
  targets: [],
});

const costs = (of: RowResult) => pointsOf(of).map(({ contender, kind, cost }) => [contender, kind, cost]);

test('costs are multiples of what prong costs', (t) => {
  t.deepEqual(costs(row('lower')), [
    ['peer', 'node', 2],
    ['prong', 'prong', 1],
    ['CPython', 'python', 4],
    ['floor (C)', 'floor', 0.5],
  ]);
  t.deepEqual(costs(row('higher')), [
    ['peer', 'node', 0.5],
    ['prong', 'prong', 1],
    ['CPython', 'python', 0.25],
    ['floor (C)', 'floor', 2],
  ]);
});

test('every row of the overview has a result', (t) => {
  for (const { suite, row: name } of ROWS) {
    const path = join('bench', 'results', `${suite}.json`);
    const { rows } = JSON.parse(readFileSync(path, 'utf8')) as SuiteResult;
    const found = rows.find((one) => one.name === name);
    t.true(found !== undefined && pointsOf(found).length > 1, `${suite}: ${name}`);
  }
});

test('a row without prong, or with nothing else, shows nothing', (t) => {
  t.deepEqual(pointsOf({ ...row('lower'), contenders: [contender('a', 1), contender('b', 2)] }), []);
  t.deepEqual(pointsOf({ ...row('lower'), contenders: [contender('prong', 1)] }), []);
});

test('a plot for each theme, of a suite and of the overview', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'prong-plot-'));
  t.teardown(() => rmSync(folder, { recursive: true }));
  const result: SuiteResult = {
    suite: 'fork',
    about: '',
    when: '',
    machine: {},
    rows: [row('lower', 'fork + _exit + wait, 60 MB'), row('higher', 'another')],
  };
  writeFileSync(join(folder, 'fork.json'), JSON.stringify(result));
  await drawPlots(['fork', 'never measured'], folder);
  t.deepEqual(readdirSync(folder).sort(), [
    'fork.dark.svg',
    'fork.json',
    'fork.light.svg',
    'overview.dark.svg',
    'overview.light.svg',
  ]);
  const [dark, light, overview] = ['fork.dark', 'fork.light', 'overview.light'].map((name) =>
    readFileSync(join(folder, `${name}.svg`), 'utf8'),
  ) as [string, string, string];
  for (const text of ['another', 'peer', 'CPython', 'floor (C)', '4 ×'])
    t.true(light.includes(`>${text}<`), text);
  t.false(light.includes('absent'));
  t.false(overview.includes('another'));
  t.regex(light, /^<svg .*<\/svg>\n$/s);
  t.not(light, dark);
});
