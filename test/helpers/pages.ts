/** The documentation's pages, and the programs in them. */
import { readdirSync, readFileSync } from 'node:fs';
import { fromMarkdown } from 'mdast-util-from-markdown';
import { visit } from 'unist-util-visit';
import { source } from './program.js';

export interface Block {
  page: string;
  /** Where it begins in the page. */
  line: number;
  language: string;
  /** What stands after the language: `no-run` for what is compiled only. */
  note: string;
  text: string;
}

export const pages = [
  ...readdirSync(source('.')).filter((name) => name.endsWith('.md')),
  ...readdirSync(source('docs'))
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
];

/** Every fenced block of code of a page. */
export function blocksOf(page: string): Block[] {
  const blocks: Block[] = [];
  visit(fromMarkdown(readFileSync(source(page), 'utf8')), 'code', ({ lang, meta, value, position }) => {
    if (lang === undefined || lang === null) return;
    blocks.push({ page, line: position!.start.line, language: lang, note: meta ?? '', text: value });
  });
  return blocks;
}

/** What a program says that it prints: the comments after its calls of `console.log`. */
export const promisesOf = (text: string): string[] =>
  [...text.matchAll(/console\.log\(.*\); \/\/ (.+)$/gm)].map(([, printed]) => printed!);
