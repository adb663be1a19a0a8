import test from 'ava';
import { names } from '../../fixtures/fork/load.js';
import { runFixture } from '../../helpers/run-fixture.js';

const ways: Record<string, string[]> = {
  'as Node is': ['--expose-gc'],
  'with a small young generation': ['--expose-gc', '--max-semi-space-size=1'],
  'with marking that never ends': ['--expose-gc', '--stress-incremental-marking'],
};

/** All threads of a process share malloc's lock: whatever stands still with it stops everybody. */
const oneArena = { MALLOC_ARENA_MAX: '1' };

const rounds = 12;

function declare(title: string, name: string, flags: string[], env: Record<string, string>): void {
  test(title, async (t) => {
    const result = await runFixture('fork/load.js', {
      args: [name, String(rounds)],
      flags,
      env,
      timeout: 60_000,
    });
    t.like(result, { lines: [`parent ${rounds} of ${rounds}`], stderr: '', code: 0 });
  });
}

for (const name of names) {
  for (const [way, flags] of Object.entries(ways)) declare(`${name}, ${way}`, name, flags, {});
  declare(`${name}, with one arena of malloc`, name, ['--expose-gc'], oneArena);
}
