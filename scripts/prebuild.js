// prebuild.js [--arch arm64 [--optional]]: makes prebuilds/<platform>-<arch>/: the addon for the tarball, stripped, and
// provenance.json telling how it was made. For another processor it takes GCC's cross compiler (on Debian and Ubuntu
// the package g++-aarch64-linux-gnu); with --optional it does without if there is none.
import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { glibcFloor, inspectBinary } from './check-glibc.js';

const root = fileURLToPath(new URL('..', import.meta.url));
const wanted = process.argv.indexOf('--arch');
const arch = wanted < 0 ? process.arch : process.argv[wanted + 1];
const machines = { x64: 'x86_64', arm64: 'aarch64' };
if (!(arch in machines)) throw new Error(`--arch is one of ${Object.keys(machines).join(', ')}`);
const folder = `${root}prebuilds/${process.platform}-${arch}`;
const cross = arch === process.arch ? '' : `${machines[arch]}-linux-gnu-`;
const tools =
  cross === '' ? {} : { CC: `${cross}gcc`, CXX: `${cross}g++`, AR: `${cross}ar`, STRIP: `${cross}strip` };

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

if (cross !== '' && process.argv.includes('--optional') && output(tools.CXX, ['--version']) === undefined) {
  console.warn(`no ${tools.CXX} here: no addon for ${arch}`);
  process.exit();
}

function compile() {
  rmSync(folder, { recursive: true, force: true });
  const { status } = spawnSync(
    process.execPath,
    [
      `${root}node_modules/prebuildify/bin.js`,
      ...[
        '--napi',
        '--strip',
        '--strip-bin',
        `${cross}strip`,
        '--tag-libc',
        '--name',
        'prong',
        '--arch',
        arch,
      ],
    ],
    {
      cwd: root,
      stdio: 'inherit',
      env: { ...process.env, ...tools, PRONG_PREBUILD: '1', npm_config_jobs: '2' },
    },
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
  compiler: output(tools.CXX ?? process.env.CXX ?? 'g++', ['--version'])?.split('\n')[0],
  flags: ['cflags', 'cflags_cc', 'ldflags', 'defines'].flatMap((key) => list(key).map((match) => match[1])),
  node: process.version,
  napi: 9,
  binaries: readdirSync(folder)
    .filter((name) => name.endsWith('.node'))
    .map(describe),
};
writeFileSync(`${folder}/provenance.json`, `${JSON.stringify(provenance, null, 2)}\n`);
console.log(JSON.stringify(provenance.binaries, null, 2));
