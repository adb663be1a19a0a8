import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import test from 'ava';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const page = readFileSync(join(root, 'docs/architecture.md'), 'utf8');

function* foldersIn(folder: string): Generator<string> {
  const entries = readdirSync(join(root, folder), { withFileTypes: true });
  // Folders that hold nothing of git's may be left over from another branch.
  if (entries.some((entry) => entry.isFile())) yield `${folder}/`;
  for (const entry of entries) {
    if (entry.isDirectory() && !['node_modules', 'build'].includes(entry.name))
      yield* foldersIn(`${folder}/${entry.name}`);
  }
}

for (const folder of ['src', 'src-native', 'test', 'bench', 'examples']) {
  test(`docs/architecture.md names every folder of ${folder}`, (t) => {
    const missing = [...foldersIn(folder)].filter((path) => !page.includes(`\`${path}\``));
    t.deepEqual(missing, []);
  });
}
