import { readFileSync } from 'node:fs';
import test from 'ava';
import { blocksOf } from '../helpers/pages.js';
import { source } from '../helpers/program.js';

/** A program without its comments and the texts that it prints, which are translated. */
const bare = (text: string) =>
  text.replace(/ \/\/ .*$/gm, '').replace(/console\.log\(`.*`\)/g, 'console.log()');

test('README.zh.md has the programs and headings of README.md', (t) => {
  const [ours, theirs] = ['README.md', 'README.zh.md'].map((page) => ({
    programs: blocksOf(page).map(({ text }) => bare(text)),
    depths: readFileSync(source(page), 'utf8').match(/^#+ (?=\S)/gm),
  }));
  t.deepEqual(theirs, ours);
});
