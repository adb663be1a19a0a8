import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import test from 'ava';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const run = promisify(execFile);

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
