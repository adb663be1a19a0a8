import test from 'ava';
import type { WorksCases } from '../fixtures/fork/works/driver.js';
import { runFixture } from './run-fixture.js';

const major = Number(process.versions.node.split('.')[0]);

/** Makes a test of each case and mode: parent and child both come to the expected result, and end by themselves. */
export function testCases(file: string, cases: WorksCases): void {
  for (const [name, { expect, flags = [], since = 0, modes = ['fresh', 'used'] }] of Object.entries(cases)) {
    for (const mode of process.env.PRONG_FORK_MODE ? [process.env.PRONG_FORK_MODE] : modes) {
      if (major < since) {
        continue;
      }
      test(`${name} (${mode})`, async (t) => {
        const result = await runFixture('fork/works/driver.js', { args: [file, name, mode], flags });
        const text = typeof expect === 'string' ? expect : JSON.stringify(expect);
        const before = mode === 'fresh' ? [] : [`parent ${JSON.stringify(['before', expect])}`];
        const after = mode === 'alone' ? [] : [`child ${text}`, `parent ${text}`, 'parent saw 0'];
        const lines = [...before, ...after].sort();
        t.like(result, { lines, stderr: '', code: 0, signal: null });
      });
    }
  }
}
