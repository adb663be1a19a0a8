/** A plot as SVG: for each row, a dot per contender on one logarithmic scale, prong's at 1. */
import { parse, View } from 'vega';
import { compile, type TopLevelSpec } from 'vega-lite';
import type { Point } from './points.js';

export type Theme = 'light' | 'dark';

const COLOURS: Record<Theme, { text: string; faint: string; kinds: string[] }> = {
  light: { text: '#1f2328', faint: '#d1d9e0', kinds: ['#d1242f', '#0969da', '#9a6700', '#818b98'] },
  dark: { text: '#f0f6fc', faint: '#3d444d', kinds: ['#ff7b72', '#58a6ff', '#d29922', '#9198a1'] },
};
const KINDS = ['prong', 'node', 'python', 'floor'];
const KIND_TITLES = "{prong: 'prong', node: 'Node', python: 'Python', floor: 'C'}[datum.label]";

const POWERS = Array.from({ length: 13 }, (_, i) => 10 ** (i - 6));

function label(cost: number): string {
  return `${cost.toPrecision(cost >= 100 ? 3 : 2).replace(/\.0$/, '')} ×`;
}

/** The part of one row. Only the last says what the numbers are. */
function rowSpec(points: readonly Point[], title: string, theme: Theme, last: boolean): object {
  const { text, kinds } = COLOURS[theme];
  const x = { field: 'cost', type: 'quantitative', scale: { type: 'log' } };
  const color = {
    field: 'kind',
    type: 'nominal',
    scale: { domain: KINDS, range: kinds },
    legend: { title: null, orient: 'top', labelExpr: KIND_TITLES },
  };
  const axis = last
    ? { title: "cost, as a multiple of prong's (logarithmic)", format: '~r', values: POWERS }
    : { title: null, labels: false, ticks: false, values: POWERS };
  return {
    title: { text: title, anchor: 'start', frame: 'group', color: text, fontSize: 12, offset: 6 },
    width: 440,
    height: { step: 17 },
    data: { values: points.map((point) => ({ ...point, label: label(point.cost) })) },
    encoding: { y: { field: 'contender', type: 'nominal', sort: null, title: null } },
    layer: [
      { mark: { type: 'rule', strokeWidth: 2, opacity: 0.6 }, encoding: { x, x2: { datum: 1 }, color } },
      { mark: { type: 'circle', size: 60, opacity: 1 }, encoding: { x: { ...x, axis }, color } },
      // Outside of the line between the dot and prong's.
      ...[
        { test: 'datum.cost >= 1', align: 'left', dx: 8 },
        { test: 'datum.cost < 1', align: 'right', dx: -8 },
      ].map(({ test, align, dx }) => ({
        transform: [{ filter: test }],
        mark: { type: 'text', align, dx, fontSize: 10, color: text },
        encoding: { x, text: { field: 'label' } },
      })),
    ],
  };
}

function specOf(points: readonly Point[], title: string, theme: Theme): TopLevelSpec {
  const { text, faint } = COLOURS[theme];
  const rows = [...new Set(points.map(({ row }) => row))];
  const spec = {
    $schema: 'https://vega.github.io/schema/vega-lite/v6.json',
    title: { text: title, anchor: 'start', color: text, fontSize: 14, offset: 12 },
    background: 'transparent',
    padding: 8,
    spacing: 10,
    resolve: { scale: { x: 'shared', color: 'shared' } },
    vconcat: rows.map((row, place) =>
      rowSpec(
        points.filter((point) => point.row === row),
        row,
        theme,
        place === rows.length - 1,
      ),
    ),
    config: {
      font: 'system-ui, sans-serif',
      view: { stroke: null },
      axis: {
        labelColor: text,
        titleColor: text,
        gridColor: faint,
        domainColor: faint,
        tickColor: faint,
        titleFontWeight: 'normal',
        labelLimit: 320,
        minExtent: 230,
      },
      axisX: { minExtent: 0 },
      legend: { labelColor: text },
    },
  };
  return spec as unknown as TopLevelSpec;
}

export async function svgOf(points: readonly Point[], title: string, theme: Theme): Promise<string> {
  const view = new View(parse(compile(specOf(points, title, theme)).spec), { renderer: 'none' });
  try {
    return `${await view.toSVG()}\n`;
  } finally {
    view.finalize();
  }
}
