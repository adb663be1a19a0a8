import test from 'ava';
import { cases } from '../../fixtures/fork/output.js';
import { runFixture } from '../../helpers/run-fixture.js';

const sinks: Record<string, string[]> = {
  'a socket': [],
  'a slow pipe': ['sh', '-c', '{ "$0" "$@"; echo "ended $?"; } | { sleep 0.15; cat; }'],
  'a slow pipe for both': ['sh', '-c', '{ "$0" "$@" 2>&3; echo "ended $?"; } 3>&2 | { sleep 0.15; cat; }'],
  'a file': ['sh', '-c', '"$0" "$@" > $TMPDIR/out; echo "ended $?"; cat $TMPDIR/out; rm $TMPDIR/out'],
};

/**
 * How many lines each name wrote; throws where a number is missing or doubled, or those that are whole are out of
 * order. Two processes that write to one pipe may tear each other's longer lines: what is left when all whole lines
 * have been taken out must be the pieces of the rest, and nothing else. (A name none of whose lines is whole is taken
 * to pad them like the others.)
 */
function count(text: string, expected: Record<string, number>): Record<string, number> {
  let rest = text.replace(/ended \d+\n/, '');
  const seen: Record<string, Set<number>> = {};
  const last: Record<string, number> = {};
  const padding: Record<string, string | undefined> = {};
  for (let first = true, found = true; found; first = false) {
    found = false;
    rest = rest.replace(
      /(?<![a-z])\s*([a-z]+\d*) (\d+)( x{1000}| y{100})?\n/g,
      (whole, who: string, digits: string, pad?: string) => {
        const number = Number(digits);
        if (expected[who] === undefined || number >= expected[who]) return whole;
        seen[who] ??= new Set();
        if (seen[who].has(number)) throw new Error(`${who} ${number} is there twice`);
        if (first && number < (last[who] ?? 0)) throw new Error(`${who} ${number} comes after ${last[who]}`);
        last[who] = number;
        padding[who] = pad;
        seen[who].add(number);
        found = true;
        return '';
      },
    );
  }
  const sorted = (value: string) => [...value.replace(/\s/g, '')].sort().join('');
  let missing = '';
  for (const [who, total] of Object.entries(expected)) {
    for (let i = 0; i < total; i++) {
      if (!seen[who]?.has(i)) missing += `${who} ${i}${padding[who] ?? Object.values(padding)[0] ?? ''}`;
    }
  }
  if (sorted(rest) !== sorted(missing)) {
    throw new Error(
      `missing ${JSON.stringify(missing.slice(0, 200))}, left over ${JSON.stringify(rest.slice(0, 200))}`,
    );
  }
  return expected;
}

for (const [name, { expect, stderr, orphan }] of Object.entries(cases)) {
  for (const [sink, wrapper] of Object.entries(sinks)) {
    if ((sink === 'a slow pipe for both' && stderr === undefined) || (sink === 'a file' && orphan)) {
      continue;
    }
    test(`${name}, to ${sink}`, async (t) => {
      const result = await runFixture('fork/output.js', { args: [name], wrapper });
      t.deepEqual(count(result.stdout, expect), expect);
      t.deepEqual(stderr ? count(result.stderr, stderr) : result.stderr, stderr ?? '');
      t.is(wrapper.length === 0 ? result.code : Number(/ended (\d+)$/m.exec(result.stdout)?.[1]), 0);
    });
  }
}
