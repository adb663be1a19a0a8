// Runs after `npm install prong`: builds the addon where no prebuilt one fits. It never fails the install: without the
// addon prong still loads, and what needs it says so (posix.capabilities.reason). Installing with --ignore-scripts is
// fine wherever a prebuilt addon fits.
const { spawnSync } = require('node:child_process');
const { join } = require('node:path');

function build() {
  if (process.env.PRONG_NATIVE === '0') return 'PRONG_NATIVE=0 asks for none';
  if (process.platform !== 'linux') return `there is none for ${process.platform}`;
  const { status, error } = spawnSync(process.execPath, [require.resolve('node-gyp-build/bin.js')], {
    cwd: join(__dirname, '..'),
    stdio: 'inherit',
    // How many files node-gyp compiles at a time.
    env: { JOBS: 'max', ...process.env },
  });
  if (status === 0) return undefined;
  return `building it failed (${error?.message ?? `exit code ${status}`}): it needs Python 3, make and a C++20 compiler`;
}

const reason = build();
if (reason !== undefined) {
  console.warn(`prong: installed without its native addon; ${reason}.`);
  console.warn(
    'prong: the package loads and uses its fallbacks; fork() and what rests on it throw ENOTSUP. To try again: npm rebuild prong',
  );
}
