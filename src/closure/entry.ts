/** The file that runs as the program. Loading it again in a thread would run the program again. */
import { realpathSync } from 'node:fs';

let entry: string | undefined;

/** Told to a thread or a spawned process, whose own first file is not the program's. */
export function setEntryFile(file: string | undefined): void {
  entry = file;
}

export function entryFile(): string | undefined {
  if (entry === undefined) {
    const file = require.main?.filename ?? process.argv[1];
    try {
      entry = file === undefined ? '' : realpathSync(file);
    } catch {
      entry = file;
    }
  }
  return entry === '' ? undefined : entry;
}
