// check-glibc.js [file]: fails if the addon needs a newer glibc than 2.28, or libstdc++ at all.
import { execFileSync } from 'node:child_process';
import { pathToFileURL } from 'node:url';

export const glibcFloor = '2.28';

const newer = (version, than) => {
  const [major, minor] = version.split('.').map(Number);
  const [thanMajor, thanMinor] = than.split('.').map(Number);
  return major > thanMajor || (major === thanMajor && minor > thanMinor);
};

// readelf reads every processor's files, unlike objdump.
const readelf = (option, file) => execFileSync('readelf', ['-W', option, file], { encoding: 'utf8' });

/** What the binary asks of the system: its processor, the highest glibc version, and what is above the floor. */
export function inspectBinary(file) {
  const needed = [...readelf('--dynamic', file).matchAll(/\(NEEDED\).*\[(.+)\]/g)].map((match) => match[1]);
  const machine = /Machine: +(.+)/.exec(readelf('--file-header', file))?.[1];
  let highest = '0.0';
  const problems = [];
  for (const [, name, kind, version] of readelf('--dyn-syms', file).matchAll(
    / UND (\S+)@(GLIBC|GLIBCXX|CXXABI)_([\d.]+)/g,
  )) {
    if (kind !== 'GLIBC') problems.push(`${name} comes from libstdc++, which should be linked in`);
    else if (newer(version, glibcFloor)) problems.push(`${name} needs glibc ${version}`);
    if (kind === 'GLIBC' && newer(version, highest)) highest = version;
  }
  if (highest === '0.0') problems.push('it asks nothing of glibc: readelf has not been understood');
  for (const library of needed.filter((name) => /stdc\+\+|libgcc/.test(name)))
    problems.push(`it needs ${library}`);
  return { machine, highest, needed, problems };
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  const { highest, problems } = inspectBinary(process.argv[2] ?? 'build/Release/prong.node');
  for (const problem of problems) console.error(`${problem} (see src-native/util/glibc_floor.h)`);
  console.log(`needs glibc ${highest}, may need ${glibcFloor}`);
  process.exitCode = problems.length > 0 ? 1 : 0;
}
