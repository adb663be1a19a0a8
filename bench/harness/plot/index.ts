/** Draws the results in bench/results, for a light page and a dark one, beside them. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { benchSource } from '../paths.js';
import type { SuiteResult } from '../types.js';
import { overview } from './overview.js';
import { type Point, pointsOf } from './points.js';
import { svgOf, type Theme } from './svg.js';

const THEMES: readonly Theme[] = ['light', 'dark'];

function stored(folder: string): Map<string, SuiteResult> {
  const files = readdirSync(folder).filter((name) => name.endsWith('.json'));
  const results = files.map((name) => JSON.parse(readFileSync(`${folder}/${name}`, 'utf8')) as SuiteResult);
  return new Map(results.map((result) => [result.suite, result]));
}

async function draw(folder: string, name: string, title: string, points: readonly Point[]): Promise<void> {
  if (points.length === 0) return;
  for (const theme of THEMES)
    writeFileSync(`${folder}/${name}.${theme}.svg`, await svgOf(points, title, theme));
}

/** The plots of `suites`, and the one of all that the README shows. */
export async function drawPlots(suites: readonly string[], folder = benchSource('results')): Promise<void> {
  const results = stored(folder);
  for (const suite of suites) {
    const result = results.get(suite);
    if (result === undefined) continue;
    await draw(
      folder,
      suite,
      suite,
      result.rows.flatMap((row) => pointsOf(row)),
    );
  }
  await draw(folder, 'overview', 'What it costs, against prong', overview(results));
}
