import test from 'ava';
import { runRow } from '../../bench/harness/run-row.js';
import { median, quantile } from '../../bench/harness/statistics.js';
import type { Row } from '../../bench/harness/types.js';

const row = (contenders: Row['contenders'], targets: Row['targets'] = []): Row => ({
  name: 'row',
  unit: 'ms',
  better: 'lower',
  base: 'floor',
  contenders,
  targets,
});

test('medians and quartiles', (t) => {
  t.is(median([3, 1, 2]), 2);
  t.is(median([4, 1, 2, 3]), 2.5);
  t.is(quantile([1, 2, 3, 4, 5], 0.25), 2);
  t.is(median([]), Number.NaN);
});

test('every contender is measured once a round, and the warm-up round is dropped', async (t) => {
  const order: string[] = [];
  const measure = (name: string, value: number) => () => {
    order.push(name);
    return order.length <= 2 ? 1000 : value;
  };
  const result = await runRow(
    row([
      { name: 'floor', measure: measure('floor', 2) },
      { name: 'prong', measure: measure('prong', 3) },
      { name: 'absent', missing: 'not here' },
    ]),
    4,
    () => {},
  );
  t.is(order.length, 10);
  for (let i = 0; i < order.length; i += 2) t.deepEqual(order.slice(i, i + 2).toSorted(), ['floor', 'prong']);
  const [floor, prong, absent] = result.contenders;
  t.is(floor?.ratio, 1);
  t.deepEqual(prong?.samples, [3, 3, 3, 3]);
  t.is(prong?.ratio, 1.5);
  t.is(absent?.missing, 'not here');
});

test('targets are judged by ratio, by distance and by limit', async (t) => {
  const { targets } = await runRow(
    row(
      [
        { name: 'floor', measure: () => 2 },
        { name: 'prong', measure: () => 3 },
        { name: 'absent', missing: 'not here' },
      ],
      [
        { contender: 'prong', atMost: 1.5, within: 0.5 },
        { contender: 'prong', atLeast: 2, limit: 3 },
        { contender: 'prong', against: 'absent', atMost: 1 },
      ],
    ),
    1,
    () => {},
  );
  t.deepEqual(
    targets.map(({ met }) => met),
    [true, false, false, true, undefined],
  );
});

test('a contender that fails or gives no number ends the run with its name', async (t) => {
  const failing = row([
    {
      name: 'floor',
      measure: () => {
        throw new Error('broken');
      },
    },
  ]);
  await t.throwsAsync(
    runRow(failing, 1, () => {}),
    { message: /floor failed/ },
  );
  await t.throwsAsync(
    runRow(row([{ name: 'floor', measure: () => Number.NaN }]), 1, () => {}),
    { message: /floor gave NaN/ },
  );
});
