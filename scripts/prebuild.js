// Makes prebuilds/<platform>-<arch>/: the addon for the tarball, stripped, and provenance.json telling how it was made.
import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { glibcFloor, inspectBinary } from './check-glibc.js';

const root = fileURLToPath(new URL('..', import.meta.url));
const folder = `${root}prebuilds/${process.platform}-${process.arch}`;

const output = (command, args) => {
  try {
    return execFileSync(command, args, {
      cwd: root,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim();
  } catch {
    return undefined;
  }
};

function compile() {
  rmSync(folder, { recursive: true, force: true });
  const { status } = spawnSync(
    process.execPath,
    [`${root}node_modules/prebuildify/bin.js`, '--napi', '--strip', '--tag-libc', '--name', 'prong'],
    { cwd: root, stdio: 'inherit', env: { ...process.env, PRONG_PREBUILD: '1', npm_config_jobs: '2' } },
  );
  if (status !== 0) throw new Error(`prebuildify ended with ${status}`);
}

function describe(name) {
  const path = `${folder}/${name}`;
  const { highest, needed, problems } = inspectBinary(path);
  if (problems.length > 0) throw new Error(`${name}: ${problems.join('; ')}`);
  return {
    file: name,
    sha256: createHash('sha256').update(readFileSync(path)).digest('hex'),
    bytes: readFileSync(path).length,
    glibc: { needed: highest, floor: glibcFloor },
    libraries: needed,
  };
}

compile();
const gyp = readFileSync(`${root}binding.gyp`, 'utf8');
const list = (key) =>
  [...gyp.matchAll(new RegExp(`"${key}": \\[([^\\]]*)\\]`, 'g'))].flatMap(([, flags]) => [
    ...flags.matchAll(/"([^"]+)"/g),
  ]);
const provenance = {
  version: JSON.parse(readFileSync(`${root}package.json`, 'utf8')).version,
  commit: output('git', ['rev-parse', 'HEAD']),
  modified: (output('git', ['status', '--porcelain', '--untracked-files=no']) ?? '') !== '',
  compiler: output(process.env.CXX ?? 'g++', ['--version'])?.split('\n')[0],
  flags: ['cflags', 'cflags_cc', 'ldflags', 'defines'].flatMap((key) => list(key).map((match) => match[1])),
  node: process.version,
  napi: 9,
  binaries: readdirSync(folder)
    .filter((name) => name.endsWith('.node'))
    .map(describe),
};
writeFileSync(`${folder}/provenance.json`, `${JSON.stringify(provenance, null, 2)}\n`);
console.log(JSON.stringify(provenance.binaries, null, 2));
