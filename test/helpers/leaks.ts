/** Looks at what a test leaves behind. */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import type { ExecutionContext } from 'ava';

/** What the open descriptors of this process point to, by number. */
export function openFds(): Map<number, string> {
  const fds = new Map<number, string>();
  for (const entry of readdirSync('/proc/self/fd')) {
    try {
      fds.set(Number(entry), readlinkSync(`/proc/self/fd/${entry}`));
    } catch {
      // The descriptor of the directory that was just read.
    }
  }
  return fds;
}

/** The children of this process, zombies included, with their states. */
export function children(): Map<number, string> {
  const found = new Map<number, string>();
  for (const entry of readdirSync('/proc')) {
    if (!/^\d+$/.test(entry)) continue;
    try {
      const stat = readFileSync(`/proc/${entry}/stat`, 'latin1');
      const [state, parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      if (Number(parent) === process.pid) found.set(Number(entry), state!);
    } catch {
      // It has ended meanwhile.
    }
  }
  return found;
}

/** Whether a process runs: a zombie, which only its parent still sees, doesn't. */
export function isRunning(pid: number): boolean {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const state = stat.slice(stat.lastIndexOf(')') + 2)[0];
    return state !== 'Z' && state !== 'X';
  } catch {
    return false;
  }
}

/** Runs a test and checks that it leaves no descriptor and no child. */
export function leavesNothing(
  body: (t: ExecutionContext) => unknown,
): (t: ExecutionContext) => Promise<void> {
  return async (t) => {
    const before = openFds();
    await body(t);
    // Streams close their descriptors in the turn after their end.
    await new Promise(setImmediate);
    const left = [...openFds()].filter(
      ([fd, target]) => before.get(fd) !== target && !target.startsWith('anon_inode:'),
    );
    t.deepEqual(left, [], 'descriptors left open');
    t.deepEqual(
      [...openFds().values()].filter((target) => target === 'anon_inode:[pidfd]'),
      [],
      'pidfds left open',
    );
    t.deepEqual([...children()], [], 'children left behind');
  };
}
