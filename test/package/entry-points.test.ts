import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import test from 'ava';

const require = createRequire(import.meta.url);
const root = fileURLToPath(new URL('../../../', import.meta.url));
const { exports } = JSON.parse(readFileSync(`${root}package.json`, 'utf8')) as {
  exports: Record<string, unknown>;
};
const subpaths = Object.keys(exports)
  .filter((key) => key !== './package.json')
  .map((key) => key.replace(/^\./, 'prong'));

const isModuleKey = (key: string) => key === 'default' || key === '__esModule' || key === 'module.exports';

for (const name of subpaths) {
  test(`${name}: import and require give the same objects`, async (t) => {
    const imported = (await import(name)) as Record<string, unknown>;
    const required = require(name) as Record<string, unknown>;
    const names = Object.keys(required).filter((key) => !isModuleKey(key));
    t.not(names.length, 0);
    t.deepEqual(
      Object.keys(imported)
        .filter((key) => !isModuleKey(key))
        .sort(),
      names.sort(),
    );
    for (const key of names) t.is(imported[key], required[key], key);
  });
}

test('every subpath loads without the addon', async (t) => {
  const program = `for (const name of ${JSON.stringify(subpaths)}) require(name); console.log('loaded')`;
  const { stdout } = await promisify(execFile)(process.execPath, ['-e', program], {
    cwd: root,
    env: { ...process.env, PRONG_NATIVE: '0' },
  });
  t.is(stdout, 'loaded\n');
});
