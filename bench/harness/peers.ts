import { spawnSync } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { benchSource } from './paths.js';

const manifest = benchSource('peers/package.json');
// npm writes this file last, so that it is younger than the manifest once an install has succeeded.
const installed = benchSource('peers/node_modules/.package-lock.json');

function isInstalled(): boolean {
  return existsSync(installed) && statSync(installed).mtimeMs >= statSync(manifest).mtimeMs;
}

/** Installs bench/peers/node_modules if it is missing or older than its package.json. */
export function installPeers(): void {
  if (isInstalled()) return;
  process.stderr.write('installing the peers into bench/peers\n');
  const { status } = spawnSync(
    'npm',
    ['install', '--no-audit', '--no-fund', '--prefix', benchSource('peers')],
    {
      stdio: ['ignore', 2, 2],
    },
  );
  if (status !== 0) throw new Error('npm could not install the peers of bench/peers/package.json');
}

/** Imports a peer: `await importPeer<typeof import('piscina')>('piscina')`. */
export async function importPeer<T = Record<string, unknown>>(name: string): Promise<T> {
  installPeers();
  const resolved = createRequire(manifest).resolve(name);
  const module = await import(pathToFileURL(resolved).href);
  return module as T;
}

/** As `importPeer`, at once, of a peer that is installed and CommonJS: for files that a pool loads in its workers. */
export function requirePeer<T>(name: string): T {
  return createRequire(manifest)(name) as T;
}
