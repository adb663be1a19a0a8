import { execFile } from 'node:child_process';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import test from 'ava';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const run = promisify(execFile);
const { exports } = JSON.parse(readFileSync(`${root}package.json`, 'utf8')) as { exports: object };
const subpaths = Object.keys(exports)
  .filter((key) => key !== './package.json')
  .map((key) => key.replace(/^\./, 'prong'));

test('publint has nothing to say about package.json', async (t) => {
  const { messages, pkg } = await publint({ pkgDir: root, pack: false, strict: true });
  t.deepEqual(
    messages.map((message) => formatMessage(message, pkg)),
    [],
  );
});

test('the types resolve from ES modules, CommonJS and bundlers', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'prong-types-'));
  t.teardown(() => rmSync(folder, { recursive: true }));
  await run('npm', ['pack', '--ignore-scripts', '--pack-destination', folder], { cwd: root });
  const [tarball] = readdirSync(folder);
  const attw = `${root}node_modules/@arethetypeswrong/cli/dist/index.js`;
  // node10 knows no "exports", so it can find the root only; nothing older than Node 20 is promised.
  await t.notThrowsAsync(
    run(process.execPath, [attw, '--profile', 'node16', join(folder, tarball!)], { cwd: root }),
  );
});

test('the types need no settings of the program that uses them', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'prong-types-'));
  t.teardown(() => rmSync(folder, { recursive: true }));
  mkdirSync(join(folder, 'node_modules'));
  symlinkSync(root, join(folder, 'node_modules/prong'));
  const uses = subpaths.map((name, index) => `import * as used${index} from '${name}';\nused${index};`);
  writeFileSync(join(folder, 'program.mts'), uses.join('\n'));
  const tsc = `${root}node_modules/typescript/bin/tsc`;
  const options = ['--noEmit', '--strict', '--module', 'nodenext', '--target', 'es2022', '--pretty', 'false'];
  const { stdout } = await run(process.execPath, [tsc, ...options, 'program.mts'], { cwd: folder }).catch(
    (error: { stdout: string }) => error,
  );
  t.is(stdout, '');
});
