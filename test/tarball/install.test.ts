/**
 * Installs the packed tarball as a user would, on machines of several kinds. Run by `npm run test:tarball`, after
 * `npm run prebuilds`: a tarball without the prebuilt addon is not what ships.
 */
import { type ExecFileOptions, execFile, execFileSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import test from 'ava';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const work = mkdtempSync(join(tmpdir(), 'prong-tarball-'));
const npmCli = realpathSync(execFileSync('sh', ['-c', 'command -v npm'], { encoding: 'utf8' }).trim());
const exec = promisify(execFile);

/** A PATH with Node and a shell on it, and no compiler, make or Python. */
function barePath(): string {
  const folder = join(work, 'bin');
  mkdirSync(folder);
  symlinkSync(process.execPath, join(folder, 'node'));
  symlinkSync('/bin/sh', join(folder, 'sh'));
  return folder;
}

const withoutCompiler = { PATH: barePath() };

async function run(args: string[], cwd: string, env: NodeJS.ProcessEnv = {}) {
  const options: ExecFileOptions = { cwd, env: { ...process.env, ...env }, maxBuffer: 2 ** 26 };
  const { stdout, stderr } = await exec(process.execPath, args, { ...options, encoding: 'utf8' });
  return { stdout, stderr };
}

const npm = (args: string[], cwd: string, env?: NodeJS.ProcessEnv) =>
  run([npmCli, ...args, '--no-audit', '--no-fund', '--prefer-offline'], cwd, env);

async function pack(from: string, name: string): Promise<string> {
  const destination = join(work, name);
  mkdirSync(destination);
  await npm(['pack', '--ignore-scripts', '--pack-destination', destination], from);
  return join(destination, readdirSync(destination)[0]!);
}

let tarball = '';
let bare = '';

test.before(async () => {
  tarball = await pack(root, 'packed');
  const folder = join(work, 'unpacked');
  mkdirSync(folder);
  execFileSync('tar', ['-xf', tarball, '-C', folder]);
  rmSync(join(folder, 'package', 'prebuilds'), { recursive: true });
  bare = await pack(join(folder, 'package'), 'bare');
});

test.after.always(() => rmSync(work, { recursive: true, force: true }));

async function install(name: string, file: string, args: string[], env?: NodeJS.ProcessEnv) {
  const folder = join(work, name);
  mkdirSync(folder);
  writeFileSync(join(folder, 'package.json'), '{ "private": true }\n');
  const { stdout, stderr } = await npm(['install', file, '--foreground-scripts', ...args], folder, env);
  return { folder, output: stdout + stderr };
}

const forks = {
  'imported.mjs': `import { fork } from 'prong/posix';
    import prong, { posix } from 'prong';
    if (posix.fork !== fork || prong.posix.fork !== fork) throw new Error('two copies');
    console.log(fork() === 0 ? 'child' : 'parent');`,
  'required.cjs': `const { fork } = require('prong/posix');
    if (require('prong').posix.fork !== fork) throw new Error('two copies');
    console.log(fork() === 0 ? 'child' : 'parent');`,
};

async function forksBothWays(folder: string, env?: NodeJS.ProcessEnv) {
  const lines: string[][] = [];
  for (const [name, text] of Object.entries(forks)) {
    writeFileSync(join(folder, name), text);
    lines.push((await run([name], folder, env)).stdout.trim().split('\n').sort());
  }
  return lines;
}

const both = [
  ['child', 'parent'],
  ['child', 'parent'],
];

test.serial('the tarball installs and forks without a compiler', async (t) => {
  const { folder } = await install('plain', tarball, [], withoutCompiler);
  t.deepEqual(await forksBothWays(folder, withoutCompiler), both);
  t.false(existsSync(join(folder, 'node_modules/prong/build')));
});

test.serial('the same with install scripts switched off', async (t) => {
  const { folder } = await install('ignored', tarball, ['--ignore-scripts'], withoutCompiler);
  t.deepEqual(await forksBothWays(folder, withoutCompiler), both);
});

test.serial('where no prebuilt addon fits, one is built', async (t) => {
  const { folder, output } = await install('built', bare, []);
  t.true(existsSync(join(folder, 'node_modules/prong/build/Release/prong.node')), output);
  t.deepEqual(await forksBothWays(folder), both);
});

test.serial('where none fits and none can be built, the install succeeds and fork() says why', async (t) => {
  const { folder, output } = await install('without', bare, [], withoutCompiler);
  t.regex(output, /installed without its native addon/);
  writeFileSync(
    join(folder, 'program.cjs'),
    `const { posix } = require('prong');
    try { posix.fork(); } catch (error) { console.log(error.code, error.message); }`,
  );
  const { stdout } = await run(['program.cjs'], folder, withoutCompiler);
  t.regex(stdout, /^ENOTSUP .*could not be loaded/);
});
