/** What `prong start` remembers about a program: to start it again, and to list it. */
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { privateDirectory, stateDirectory } from '../daemon/paths.js';

export interface Record {
  name: string;
  script: string;
  args: string[];
  cwd: string;
  log: string;
  restart: boolean;
  waitReady: boolean;
}

function directory(kind: 'apps' | 'logs'): string {
  privateDirectory(stateDirectory());
  const path = join(stateDirectory(), kind);
  mkdirSync(path, { recursive: true, mode: 0o700 });
  return path;
}

const fileOf = (name: string) => join(stateDirectory(), 'apps', `${name}.json`);

export const logOf = (name: string) => join(directory('logs'), `${name}.log`);

export function saveRecord(record: Record): void {
  directory('apps');
  const path = fileOf(record.name);
  // In one step, so that nobody reads half of it.
  const draft = `${path}.${process.pid}`;
  try {
    writeFileSync(draft, `${JSON.stringify(record, null, 2)}\n`, { mode: 0o600 });
    renameSync(draft, path);
  } catch (error) {
    rmSync(draft, { force: true });
    throw error;
  }
}

export function loadRecord(name: string): Record | undefined {
  try {
    return JSON.parse(readFileSync(fileOf(name), 'utf8')) as Record;
  } catch {
    return undefined;
  }
}

export function removeRecord(name: string): void {
  rmSync(fileOf(name), { force: true });
}

export function recordNames(): string[] {
  try {
    return readdirSync(join(stateDirectory(), 'apps'))
      .filter((file) => file.endsWith('.json'))
      .map((file) => file.slice(0, -'.json'.length))
      .sort();
  } catch {
    return [];
  }
}
