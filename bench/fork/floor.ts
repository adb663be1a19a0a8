import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { benchSource, packageRoot } from '../harness/paths.js';

interface Floor {
  prepare(): number;
  fork(wait: boolean): number;
}

const folder = benchSource('fork/floor');
const binary = `${folder}/build/Release/floor.node`;
const require = createRequire(import.meta.url);

/** Builds the addon of floor/ if it isn't there yet. It is no part of the package. */
export function buildFloor(): void {
  if (existsSync(binary)) return;
  const { status } = spawnSync(
    process.execPath,
    [`${packageRoot}node_modules/node-gyp/bin/node-gyp.js`, 'rebuild', '-C', folder],
    { stdio: ['ignore', 2, 2] },
  );
  if (status !== 0) throw new Error('bench/fork/floor could not be built');
}

export function loadFloor(): Floor {
  return require(binary) as Floor;
}
