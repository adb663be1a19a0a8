/** What the command prints: for people, or one JSON value with `--json`. */
import { writeSync } from 'node:fs';

export interface Output {
  json?: boolean;
}

type Style = 'red' | 'green' | 'yellow' | 'bold' | 'dim';
const CODES: { [style in Style]: number } = { bold: 1, dim: 2, red: 31, green: 32, yellow: 33 };

const hasColours = (isTerminal: boolean) =>
  isTerminal && !process.env.NO_COLOR && process.env.TERM !== 'dumb';

export function paint(style: Style, text: string): string {
  return hasColours(Boolean(process.stdout.isTTY)) ? `\x1b[${CODES[style]}m${text}\x1b[0m` : text;
}

/** At once: the process may be about to end without its event loop. */
function say(fd: 1 | 2, text: string): void {
  let bytes = Buffer.from(`${text}\n`);
  while (bytes.length > 0) {
    try {
      bytes = bytes.subarray(writeSync(fd, bytes));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') return;
    }
  }
}

export function print(options: Output, value: unknown, text: string): void {
  say(1, options.json ? JSON.stringify(value) : text);
}

export function printError(options: Output, error: unknown): void {
  const { message, code } = error as { message?: string; code?: string };
  if (options.json) say(1, JSON.stringify({ error: message ?? String(error), code }));
  else say(2, `prong: ${message ?? String(error)}`);
}

export function duration(ms: number): string {
  const seconds = Math.floor(ms / 1000);
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)} h ${Math.floor((seconds % 3600) / 60)} min`;
  return `${Math.floor(seconds / 86_400)} d ${Math.floor((seconds % 86_400) / 3600)} h`;
}

export const megabytes = (bytes: number) => `${(bytes / 2 ** 20).toFixed(1)} MB`;

/** Columns as wide as what is in them. */
export function table(rows: string[][]): string {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows
    .map((row, index) => {
      const line = row.map((cell, column) => cell.padEnd(widths[column]!)).join('  ');
      return index === 0 ? paint('bold', line.trimEnd()) : line.trimEnd();
    })
    .join('\n');
}
