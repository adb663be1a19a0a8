/** Every program in README and docs/ compiles against the package's types and does what the page says. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { blocksOf, pages, promisesOf } from '../helpers/pages.js';
import { compiled, runProgram, source } from '../helpers/program.js';

// Inside the package, where `prong` is the package itself.
const folder = compiled('docs-examples');
const blocks = pages.flatMap(blocksOf);
const programs = blocks
  .filter(({ language }) => language === 'ts')
  .map((block) => ({ ...block, name: `${block.page.replace(/\W/g, '-')}-${block.line}` }));

test.before(() => {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  // `export {}`: each is a module, whatever is in it.
  for (const { name, text } of programs) writeFileSync(join(folder, `${name}.ts`), `${text}\nexport {};\n`);
  const config = {
    extends: source('tsconfig.base.json'),
    compilerOptions: { typeRoots: [source('node_modules/@types')] },
  };
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(config));
});

test.serial('every program compiles', async (t) => {
  const { stdout } = await runProgram(process.execPath, [
    source('node_modules/typescript/bin/tsc'),
    ...['-p', folder, '--pretty', 'false'],
  ]);
  t.is(stdout, '');
});

test('programs are TypeScript, so that they are checked', (t) => {
  const others = blocks.filter(({ language }) =>
    ['js', 'javascript', 'typescript', 'mjs'].includes(language),
  );
  t.deepEqual(others, []);
});

for (const { name, page, line, note, text } of programs) {
  if (note === 'no-run') continue;
  test(`the program at ${page}:${line} does what the page says`, async (t) => {
    const cwd = mkdtempSync(join(tmpdir(), 'prong-docs-'));
    t.teardown(() => rmSync(cwd, { recursive: true }));
    const program = join(folder, `${name}.js`);
    // A shell changes the directory, since some programs write files.
    const { code, stdout, stderr } = await runProgram('/bin/sh', [
      ...['-c', 'cd "$1" && exec "$2" "$3"', 'sh'],
      ...[cwd, process.execPath, program],
    ]);
    t.is(code, 0, stderr);
    const printed = stdout.split('\n');
    for (const promise of promisesOf(text)) t.true(printed.includes(promise), `${promise} in ${stdout}`);
  });
}
