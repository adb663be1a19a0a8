// Builds the addon with cmake-js and runs the smoke tests on that build, then puts node-gyp's back in its place.
import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const other = `${root}.build/cmake`;

function run(...args) {
  const { status } = spawnSync(process.execPath, args, { cwd: root, stdio: 'inherit' });
  if (status !== 0) throw new Error(`${args.join(' ')} ended with ${status}`);
}

run('node_modules/cmake-js/bin/cmake-js', 'compile', '-O', other, '--parallel', '2');

const place = `${root}build/Release`;
const aside = `${root}build/Release.node-gyp`;
if (existsSync(place)) renameSync(place, aside);
try {
  mkdirSync(place, { recursive: true });
  copyFileSync(`${other}/Release/prong.node`, `${place}/prong.node`);
  run('scripts/run-tests.js', '.build/test/smoke.test.js');
} finally {
  rmSync(place, { recursive: true, force: true });
  if (existsSync(aside)) renameSync(aside, place);
}
