// check-glibc.js [file]: fails if the addon needs a newer glibc than 2.28, or libstdc++ at all.
import { execFileSync } from 'node:child_process';
import { pathToFileURL } from 'node:url';

export const glibcFloor = '2.28';

const newer = (version, than) => {
  const [major, minor] = version.split('.').map(Number);
  const [thanMajor, thanMinor] = than.split('.').map(Number);
  return major > thanMajor || (major === thanMajor && minor > thanMinor);
};

/** What the binary asks of the system: the highest glibc version, and what is above the floor. */
export function inspectBinary(file) {
  const symbols = execFileSync('objdump', ['-T', file], { encoding: 'utf8' });
  const needed = [
    ...execFileSync('objdump', ['-p', file], { encoding: 'utf8' }).matchAll(/NEEDED +(\S+)/g),
  ].map((match) => match[1]);
  let highest = '0.0';
  const problems = [];
  for (const [, kind, version, name] of symbols.matchAll(
    /\*UND\*.*\((GLIBC|GLIBCXX|CXXABI)_([\d.]+)\) (\S+)/g,
  )) {
    if (kind !== 'GLIBC') problems.push(`${name} comes from libstdc++, which should be linked in`);
    else if (newer(version, glibcFloor)) problems.push(`${name} needs glibc ${version}`);
    if (kind === 'GLIBC' && newer(version, highest)) highest = version;
  }
  for (const library of needed.filter((name) => /stdc\+\+|libgcc/.test(name)))
    problems.push(`it needs ${library}`);
  return { highest, needed, problems };
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  const { highest, problems } = inspectBinary(process.argv[2] ?? 'build/Release/prong.node');
  for (const problem of problems) console.error(`${problem} (see src-native/util/glibc_floor.h)`);
  console.log(`needs glibc ${highest}, may need ${glibcFloor}`);
  process.exitCode = problems.length > 0 ? 1 : 0;
}
