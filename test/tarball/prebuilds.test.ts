/** What is in prebuilds/ is what its provenance says, and loads on old systems. */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { source } from '../helpers/program.js';

interface Provenance {
  version: string;
  binaries: { file: string; sha256: string; bytes: number }[];
}
interface Inspection {
  machine: string;
  problems: string[];
}

const machines: Record<string, RegExp> = { x64: /X86-64/, arm64: /AArch64/ };
const { inspectBinary } = (await import(source('scripts/check-glibc.js'))) as {
  inspectBinary(file: string): Inspection;
};
const platforms = readdirSync(source('prebuilds'), { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name);

test('there is a prebuilt addon for this machine', (t) => {
  t.true(platforms.includes(`${process.platform}-${process.arch}`));
});

for (const platform of platforms) {
  const folder = source(join('prebuilds', platform));
  const provenance = JSON.parse(readFileSync(join(folder, 'provenance.json'), 'utf8')) as Provenance;

  test(`${platform}: the binaries are those of the provenance`, (t) => {
    const { version } = JSON.parse(readFileSync(source('package.json'), 'utf8')) as { version: string };
    t.is(provenance.version, version);
    t.deepEqual(
      provenance.binaries.map(({ file }) => file),
      readdirSync(folder).filter((name) => name.endsWith('.node')),
    );
    for (const { file, sha256, bytes } of provenance.binaries) {
      const content = readFileSync(join(folder, file));
      t.is(createHash('sha256').update(content).digest('hex'), sha256);
      t.is(content.length, bytes);
    }
  });

  for (const { file } of provenance.binaries) {
    test(`${platform}/${file} needs no symbol newer than glibc 2.28, and no libstdc++`, (t) => {
      const { machine, problems } = inspectBinary(join(folder, file));
      t.deepEqual(problems, []);
      t.regex(machine, machines[platform.split('-')[1]!]!);
    });
  }
}
