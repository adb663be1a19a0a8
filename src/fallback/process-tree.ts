/** Ends a program and its descendants without the addon: by ppid only, so orphans are not found. */
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';

const ROUNDS = 20;

function fromProc(): [pid: number, parent: number][] {
  const pairs: [number, number][] = [];
  for (const entry of readdirSync('/proc')) {
    if (!/^\d+$/.test(entry)) continue;
    try {
      const stat = readFileSync(`/proc/${entry}/stat`, 'latin1');
      // The name in parentheses may contain anything.
      const [state, parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      if (state !== 'Z') pairs.push([Number(entry), Number(parent)]);
    } catch {
      // It has ended meanwhile.
    }
  }
  return pairs;
}

function fromPs(): [pid: number, parent: number][] {
  const { stdout } = spawnSync('ps', ['-A', '-o', 'pid=,ppid='], { encoding: 'utf8' });
  return stdout
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/\s+/).map(Number) as [number, number]);
}

function send(pid: number, signal: number | NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It has ended, or isn't ours to signal.
  }
}

/** Stops all, so that nobody can fork away, then sends the signal to all. */
export function signalTree(root: number, signal: number): void {
  const list = process.platform === 'linux' ? fromProc : fromPs;
  const members = new Set([root]);
  send(root, 'SIGSTOP');
  for (let round = 0, grown = true; grown && round < ROUNDS; round += 1) {
    grown = false;
    for (const [pid, parent] of list()) {
      if (!members.has(parent) || members.has(pid)) continue;
      members.add(pid);
      send(pid, 'SIGSTOP');
      grown = true;
    }
  }
  for (const pid of members) send(pid, signal);
  for (const pid of members) send(pid, 'SIGCONT');
}
