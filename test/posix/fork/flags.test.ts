import test from 'ava';
import { runFixture } from '../../helpers/run-fixture.js';

const major = Number(process.versions.node.split('.')[0]);

interface Flags {
  flags?: string[];
  env?: Record<string, string>;
  since?: number;
  until?: number;
  mode?: string;
  stderr?: RegExp;
}

const plain = (...flags: string[]): Flags => ({ flags });
const listening = /^Debugger listening on ws:\/\/127\.0\.0\.1:\d+\/\S+\nFor help, see: \S+\n$/;

const all: Record<string, Flags> = {
  'no flag': {},
  'everything used before': { mode: 'used' },
  '--inspect': { flags: ['--inspect=127.0.0.1:0'], stderr: listening },
  '--inspect, everything used before': { flags: ['--inspect=127.0.0.1:0'], stderr: listening, mode: 'used' },
  '--jitless': { flags: ['--jitless'], mode: 'nowasm', stderr: /^(Warning: disabling flag.*\n)?$/ },
  '--single-threaded': plain('--single-threaded'),
  '--single-threaded-gc': plain('--single-threaded-gc'),
  '--v8-pool-size=0': plain('--v8-pool-size=0'),
  '--v8-pool-size=1': plain('--v8-pool-size=1'),
  '--v8-pool-size=16': plain('--v8-pool-size=16'),
  '--max-old-space-size=64': plain('--max-old-space-size=64'),
  '--max-semi-space-size=1': plain('--max-semi-space-size=1'),
  '--max-semi-space-size=128': plain('--max-semi-space-size=128'),
  '--enable-source-maps': plain('--enable-source-maps'),
  '--expose-gc': plain('--expose-gc'),
  '--no-opt': plain('--no-opt'),
  '--no-concurrent-recompilation': plain('--no-concurrent-recompilation'),
  '--no-concurrent-marking': plain('--no-concurrent-marking'),
  '--no-parallel-scavenge': plain('--no-parallel-scavenge'),
  '--stress-compaction': plain('--stress-compaction'),
  '--stress-incremental-marking': plain('--stress-incremental-marking'),
  '--gc-interval': plain('--gc-interval=2000'),
  '--sparkplug': plain('--sparkplug', '--always-sparkplug'),
  '--concurrent-sparkplug': plain('--concurrent-sparkplug'),
  '--maglev': { flags: ['--maglev'], since: 22 },
  '--no-maglev': { flags: ['--no-maglev'], since: 22 },
  '--interrupt-budget=1000': { flags: ['--interrupt-budget=1000'], until: 20 },
  '--predictable': plain('--predictable'),
  '--no-lazy': plain('--no-lazy'),
  '--experimental-vm-modules': plain('--experimental-vm-modules'),
  '--experimental-wasm-modules': plain('--experimental-wasm-modules'),
  '--no-wasm-tier-up': plain('--no-wasm-tier-up'),
  '--no-liftoff': plain('--no-liftoff'),
  '--frozen-intrinsics': plain('--frozen-intrinsics'),
  '--disable-proto=delete': plain('--disable-proto=delete'),
  '--zero-fill-buffers': plain('--zero-fill-buffers'),
  '--secure-heap': plain('--secure-heap=65536'),
  '--stack-size': plain('--stack-size=2000'),
  '--report-on-signal': plain('--report-on-signal'),
  '--trace-uncaught': plain('--trace-uncaught'),
  '--unhandled-rejections=strict': plain('--unhandled-rejections=strict'),
  '--preserve-symlinks': plain('--preserve-symlinks', '--preserve-symlinks-main'),
  '--dns-result-order': plain('--dns-result-order=ipv4first'),
  '--no-node-snapshot': plain('--no-node-snapshot'),
  '--harmony': plain('--harmony'),
  '--random-seed': plain('--random-seed=1'),
  '--huge-pages': plain('--use-largepages=silent'),
  '--no-async-context-frame': { flags: ['--no-async-context-frame'], since: 24 },
  '--experimental-async-context-frame': {
    flags: ['--experimental-async-context-frame'],
    since: 22,
    until: 23,
  },
  '--experimental-network-inspection': { flags: ['--experimental-network-inspection'], since: 22 },
  'a pool of one thread': { env: { UV_THREADPOOL_SIZE: '1' }, mode: 'used' },
  'a pool of 128 threads': { env: { UV_THREADPOOL_SIZE: '128' }, mode: 'used' },
  io_uring: { env: { UV_USE_IO_URING: '1' }, mode: 'used' },
  'no io_uring': { env: { UV_USE_IO_URING: '0' }, mode: 'used' },
  'one malloc arena': { env: { MALLOC_ARENA_MAX: '1' } },
  'malloc that checks': { env: { MALLOC_CHECK_: '3', MALLOC_PERTURB_: '165' } },
  'a locale': { env: { LC_ALL: 'C.UTF-8', TZ: 'Asia/Tokyo' } },
  'flags from NODE_OPTIONS': { env: { NODE_OPTIONS: '--max-old-space-size=100 --expose-gc' } },
};

for (const [name, { flags, env, since = 0, until = 99, mode = 'new', stderr }] of Object.entries(all)) {
  if (major < since || major > until) {
    continue;
  }
  test(name, async (t) => {
    const result = await runFixture('fork/whole.js', { args: [mode], flags, env, timeout: 60_000 });
    const line = `89999700000 fs zlib 9dd4 20 vm 3 worker 4${mode === 'nowasm' ? '' : ' wasm'}`;
    t.deepEqual(result.lines, [
      `child ${line}`,
      `parent ${line}`,
      `parent ${line}`,
      'parent saw 0',
      'parent saw 0',
      `second ${line}`,
    ]);
    t.regex(result.stderr, stderr ?? /^$/);
    t.is(result.code, 0);
  });
}

/** Flags that make files: these are looked at, and removed, by a shell around the program. */
const inShell = [
  'sh',
  '-c',
  '"$0" "$@"; code=$?; for f in $(ls $TMPDIR); do test -s $TMPDIR/$f && echo "file"; done; rm -rf $TMPDIR/*; exit $code',
];

const files: Record<
  string,
  { flags: (dir: string) => string[]; env?: (dir: string) => Record<string, string> }
> = {
  '--cpu-prof': { flags: (dir) => ['--cpu-prof', `--cpu-prof-dir=${dir}`] },
  '--heap-prof': { flags: (dir) => ['--heap-prof', `--heap-prof-dir=${dir}`] },
  coverage: { flags: () => [], env: (dir) => ({ NODE_V8_COVERAGE: dir }) },
  'trace events': {
    flags: (dir) => [
      '--trace-events-enabled',
      `--trace-event-file-pattern=${dir}/trace-\${pid}-\${rotation}`,
    ],
  },
};

for (const [name, { flags, env }] of Object.entries(files)) {
  test(`${name}: both sides go on, and files come of it`, async (t) => {
    const { mkdtempSync, rmSync } = await import('node:fs');
    const { tmpdir } = await import('node:os');
    const dir = mkdtempSync(`${tmpdir()}/prong-files-`);
    try {
      const result = await runFixture('fork/whole.js', {
        args: ['new'],
        flags: flags(dir),
        env: { ...env?.(dir), TMPDIR: dir },
        wrapper: inShell,
        timeout: 60_000,
      });
      const facts = result.lines.filter((line) => line !== 'file');
      t.deepEqual(
        facts.map((line) => line.split(' ').slice(0, 2).join(' ')),
        [
          'child 89999700000',
          'parent 89999700000',
          'parent 89999700000',
          'parent saw',
          'parent saw',
          'second 89999700000',
        ],
      );
      t.deepEqual(facts.slice(3, 5), ['parent saw 0', 'parent saw 0']);
      t.true(result.lines.includes('file'));
      t.is(result.stderr, '');
      t.is(result.code, 0);
    } finally {
      rmSync(dir, { recursive: true, force: true });
    }
  });
}

test('--enable-source-maps: the stack in the child is that of the TypeScript', async (t) => {
  const result = await runFixture('fork/driver.js', {
    args: ['./ends.js', 'an exception'],
    flags: ['--enable-source-maps'],
  });
  t.regex(result.stderr, /Error: boom\n\s+at boom \(.*ends\.ts:\d+/);
  t.deepEqual(result.lines, ['parent saw 1']);
});

test('--permission: fork() works, or says that it may not', async (t) => {
  const flag = major >= 24 ? '--permission' : '--experimental-permission';
  const script = `
    try {
      const { fork, waitpidSync, capabilities } = require('prong/posix');
      const pid = fork();
      if (pid !== 0) console.log('saw', waitpidSync(pid).exitCode);
    } catch (error) {
      console.log(error.code);
    }`;
  const flags = [flag, '--allow-fs-read=*', '--allow-worker', '--allow-child-process', '-e', script];
  const result = await runFixture('', { flags: major >= 22 ? ['--allow-addons', ...flags] : flags });
  t.true(['saw 0', 'ENOTSUP', 'ERR_DLOPEN_DISABLED'].includes(result.stdout.trim()), result.stdout);
});
