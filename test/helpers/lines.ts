import test from 'ava';
import type { LinesCases } from '../fixtures/fork/driver.js';
import { runFixture } from './run-fixture.js';

const major = Number(process.versions.node.split('.')[0]);

/** Makes a test of each case: its processes print just these lines, and the first one ends as expected. */
export function testCases(file: string, cases: LinesCases): void {
  for (const [name, expected] of Object.entries(cases)) {
    if (major < (expected.since ?? 0)) {
      continue;
    }
    const declare = expected.failing === undefined ? test : test.failing;
    declare(name, async (t) => {
      const result = await runFixture('fork/driver.js', { ...expected, args: [file, name] });
      const signal = expected.signal ?? null;
      t.like(result, {
        lines: [...expected.lines].sort(),
        stderr: expected.stderr ? result.stderr : '',
        code: signal === null ? (expected.code ?? 0) : null,
        signal,
      });
      if (expected.stderr) t.regex(result.stderr, expected.stderr);
    });
  }
}
