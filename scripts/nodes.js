// nodes.js <command…>: runs the command under each Node version prong promises, one after the other. `node` in it (and
// what it starts) is that version. --only 20,24 picks some. The versions are installed into .nodes/ when first needed.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export const majors = [20, 22, 24, 26];

const root = fileURLToPath(new URL('..', import.meta.url));
const home = `${root}.nodes`;
const current = Number(process.versions.node.split('.')[0]);

const folder = (major) => `${home}/node_modules/node-${major}/bin`;

function major(bin) {
  const { stdout } = spawnSync(`${bin}/node`, ['--version'], { encoding: 'utf8' });
  return Number(/^v(\d+)/.exec(stdout ?? '')?.[1]);
}

/** Installs what is missing from npm's packages of Node's own binaries; the running version needs none. */
export function installNodes(wanted = majors) {
  const missing = wanted.filter((version) => version !== current && !existsSync(`${folder(version)}/node`));
  if (missing.length === 0) return;
  if (process.platform !== 'linux') throw new Error('scripts/nodes.js knows the packages for Linux only');
  mkdirSync(home, { recursive: true });
  const name = `node-linux-${process.arch}`;
  const dependencies = Object.fromEntries(
    majors
      .filter((version) => version !== current)
      .map((version) => [`node-${version}`, `npm:${name}@^${version}.0.0`]),
  );
  writeFileSync(`${home}/package.json`, `${JSON.stringify({ private: true, dependencies }, null, 2)}\n`);
  const { status } = spawnSync(
    'npm',
    ['install', '--no-audit', '--no-fund', '--no-package-lock', '--ignore-scripts'],
    {
      cwd: home,
      stdio: ['ignore', 2, 2],
    },
  );
  if (status !== 0) throw new Error(`npm could not install Node ${missing.join(', ')}`);
}

/** The environment in which `node` is that version. */
export function environmentFor(version) {
  const bin = version === current ? process.execPath.replace(/\/[^/]+$/, '') : folder(version);
  if (major(bin) !== version) throw new Error(`${bin} holds no Node ${version}`);
  return { ...process.env, PATH: `${bin}:${process.env.PATH}` };
}

function main(args) {
  let wanted = majors;
  if (args[0] === '--only') {
    wanted = (args[1] ?? '').split(',').map(Number);
    args = args.slice(2);
  }
  if (args.length === 0 || wanted.some((version) => !majors.includes(version))) {
    console.error(`usage: nodes.js [--only ${majors.join(',')}] <command> [arguments]`);
    return 2;
  }
  installNodes(wanted);
  const failed = [];
  for (const version of wanted) {
    console.error(`== Node ${version}`);
    const [command, ...rest] = args;
    const { status, error } = spawnSync(command, rest, { stdio: 'inherit', env: environmentFor(version) });
    if (error !== undefined) console.error(error.message);
    if (status !== 0) failed.push(version);
  }
  if (failed.length > 0) console.error(`failed under Node ${failed.join(', ')}`);
  return failed.length > 0 ? 1 : 0;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) process.exitCode = main(process.argv.slice(2));
