// Builds the torture of the native core, which needs no Node, and runs it:
//   node scripts/test-native.js [rounds] [--tsan] [--no-poll]
// With --no-poll nobody looks again by himself, so that every wake-up that is lost shows.
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const tsan = process.argv.includes('--tsan');
const noPoll = process.argv.includes('--no-poll');
const rounds = process.argv.slice(2).find((argument) => /^\d+$/.test(argument)) ?? (tsan ? '300' : '10000');
const program = `${root}.build/native/torture${tsan ? '-tsan' : ''}${noPoll ? '-no-poll' : ''}`;
const sources = ['sync', 'memory'].flatMap((folder) =>
  readdirSync(`${root}src-native/core/${folder}`)
    .filter((name) => name.endsWith('.cc'))
    .map((name) => `${root}src-native/core/${folder}/${name}`),
);

function run(command, args) {
  const { status, signal } = spawnSync(command, args, { stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? (signal ? 1 : 0));
}

mkdirSync(`${root}.build/native`, { recursive: true });
run(process.env.CXX ?? 'c++', [
  ...[
    '-std=gnu++20',
    '-O2',
    '-g',
    '-D_GNU_SOURCE',
    '-fno-exceptions',
    '-fno-rtti',
    '-Wall',
    '-Wextra',
    '-Werror',
  ],
  ...(tsan ? ['-fsanitize=thread'] : []),
  ...(noPoll ? ['-DPRONG_POLL_NS=2000000000'] : []),
  ...[`-I${root}src-native`, `${root}test/native/torture.cc`, ...sources, '-o', program, '-lpthread'],
]);
run(program, [rounds]);
