// run-tests.js [arguments of ava]: runs ava. Where $PRONG_COUNTS names a file (in .ci/run), it reads ava's TAP, shows only
// what failed, and adds a line "passed failed" to that file. A runner that crashes or runs nothing counts as a failure.
import { spawn, spawnSync } from 'node:child_process';
import { appendFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Parser } from 'tap-parser';

const ava = fileURLToPath(new URL('../node_modules/ava/entrypoints/cli.mjs', import.meta.url));
const args = process.argv.slice(2);

if (process.env.PRONG_COUNTS) await count(process.env.PRONG_COUNTS);
else process.exitCode = spawnSync(process.execPath, [ava, ...args], { stdio: 'inherit' }).status ?? 1;

async function count(file) {
  let passed = 0;
  let failed = 0;
  const fail = (text) => {
    failed++;
    console.log(`not ok: ${text}`);
  };
  const parser = new Parser();
  parser.on('assert', ({ ok, name, skip, todo, diag }) => {
    if (skip || todo) return;
    if (ok) passed++;
    else fail(`${name} ${JSON.stringify(diag ?? {}, null, 2)}`);
  });
  const environment = { ...process.env };
  delete environment.PRONG_COUNTS;
  const runner = spawn(process.execPath, [ava, '--tap', ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: environment,
  });
  runner.stdout.pipe(parser);
  const ended = await new Promise((resolve) => {
    runner.on('error', (error) => resolve(error.message));
    runner.on('close', (code, signal) => resolve(signal ?? code));
  });
  if (ended !== 0 && failed === 0) fail(`the test runner itself ended with ${ended}`);
  if (passed + failed === 0) fail('the test runner ran no tests');
  console.log(`${passed} of ${passed + failed} tests passed`);
  appendFileSync(file, `${passed} ${failed}\n`);
  process.exitCode = failed > 0 ? 1 : 0;
}
