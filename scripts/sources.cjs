// Lists the addon's C++ sources for binding.gyp, so that a new file needs no edit there.
const { readdirSync } = require('node:fs');
const { join, relative } = require('node:path');

const root = join(__dirname, '..');
const files = readdirSync(join(root, 'src-native'), { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile() && /\.(cc|S)$/.test(entry.name))
  .map((entry) => relative(root, join(entry.parentPath ?? entry.path, entry.name)))
  .sort();
console.log(files.join('\n'));
