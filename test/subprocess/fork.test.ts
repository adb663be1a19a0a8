import test from 'ava';
import { runSync } from 'prong/subprocess';

const script = (name: string) => {
  const path = new URL(`../fixtures/subprocess/${name}.js`, import.meta.url).pathname;
  return runSync([process.execPath, path], { captureOutput: true, text: true, timeout: 60_000 });
};

test('a forked child neither reaps nor watches what its parent started', (t) => {
  const { stdout, stderr } = script('forked');
  t.is(stderr, '');
  t.deepEqual(stdout.trim().split('\n').sort(), [
    'child: ECHILD wait',
    'child: own 3',
    'child: poll null',
    'child: pump output',
    'child: run sync',
    'parent: code 5',
    'parent: output of 300000',
  ]);
});

test('preexecFn runs in the child, between fork and exec', (t) => {
  const { stdout, stderr } = script('preexec');
  t.is(stderr, '');
  t.deepEqual(stdout.split('\n'), [
    'priority 7',
    'cwd /',
    'Error ENOENT execve no-such-program',
    'Error ENOENT chdir /no/such',
    'SubprocessError EPREEXEC preexecFn threw: not now not now',
    'SubprocessError EPREEXEC preexecFn threw: preexecFn must be synchronous',
    'through a pipe: in',
    'fds 0',
    '',
  ]);
});
