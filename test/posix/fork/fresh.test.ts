import test from 'ava';
import { sources } from '../../fixtures/fork/fresh.js';
import { runFixture } from '../../helpers/run-fixture.js';

for (const name of Object.keys(sources)) {
  for (const mode of ['new', 'used']) {
    test(`${name}: no value twice in parent, children, grandchild (${mode})`, async (t) => {
      const result = await runFixture('fork/fresh.js', { args: [name, mode] });
      t.is(result.stderr, '');
      t.is(result.code, 0);
      const seen = new Map<unknown, string>();
      const twice: string[] = [];
      const processes: string[] = [];
      for (const line of result.lines) {
        const { who, values } = JSON.parse(line) as { who: string; values: unknown[] };
        processes.push(who);
        for (const value of values) {
          if (seen.has(value)) {
            twice.push(`${who} and ${seen.get(value)}: ${value}`);
          }
          seen.set(value, who);
        }
      }
      const before = mode === 'used' ? ['before'] : [];
      t.deepEqual(processes.sort(), ['again', ...before, 'first', 'grandchild', 'parent', 'second', 'third']);
      t.deepEqual(twice, []);
    });
  }
}
