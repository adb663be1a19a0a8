import test from 'ava';
import { runFixture } from '../../helpers/run-fixture.js';

// PRONG_TORTURE: milliseconds for each case; see `npm run test:torture`.
const duration = Number(process.env.PRONG_TORTURE ?? 2500);

for (const maxsize of [0, 8]) {
  test(`readers and writers are killed at random, maxsize ${maxsize}`, async (t) => {
    t.timeout(duration + 170_000);
    const result = await runFixture('queue/torture.js', {
      args: [String(duration), String(maxsize)],
      timeout: duration + 120_000,
    });
    t.log(result.stderr.trim());
    t.deepEqual(result.lines, ['faults 0, failed 0, doubled 0, invented 0, lost well', 'left 0']);
    t.is(result.code, 0);
  });
}
