/** Looks at other processes through /proc. */
import { readdirSync, readFileSync } from 'node:fs';

export interface ProcessInfo {
  pid: number;
  ppid: number;
  state: string;
  session: number;
  comm: string;
}

function readOr(path: string, fallback: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return fallback;
  }
}

export function processInfo(pid: number | string): ProcessInfo | undefined {
  const stat = readOr(`/proc/${pid}/stat`, '');
  const close = stat.lastIndexOf(')');
  if (close < 0) {
    return undefined;
  }
  const fields = stat.slice(close + 2).split(' ');
  return {
    pid: Number(pid),
    comm: stat.slice(stat.indexOf('(') + 1, close),
    state: fields[0]!,
    ppid: Number(fields[1]),
    session: Number(fields[3]),
  };
}

/** The live processes (no zombies) of a session, and those that left it but carry `mark` in their environment. */
export function processesOf(session: number, mark: string): ProcessInfo[] {
  const found: ProcessInfo[] = [];
  for (const name of readdirSync('/proc')) {
    const info = /^\d+$/.test(name) ? processInfo(name) : undefined;
    if (info === undefined || info.state === 'Z' || info.state === 'X' || info.pid === process.pid) {
      continue;
    }
    if (info.session === session || readOr(`/proc/${name}/environ`, '').includes(mark)) {
      found.push(info);
    }
  }
  return found;
}

const MS_PER_TICK = 10;

/** How long a process and the children that it has waited for were on a processor, in milliseconds. */
export function processorTime(pid: number): number {
  const stat = readOr(`/proc/${pid}/stat`, '');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const ticks = fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0);
  return ticks * MS_PER_TICK || 0;
}

/** Whether a thread of a process is on a processor, waits for one, or for a disk. */
export function isAtWork(pid: number): boolean {
  let tasks: string[] = [];
  try {
    tasks = readdirSync(`/proc/${pid}/task`);
  } catch {
    return false;
  }
  return tasks.some((tid) => {
    const stat = readOr(`/proc/${pid}/task/${tid}/stat`, '');
    return 'RD'.includes(stat.charAt(stat.lastIndexOf(')') + 2) || '-');
  });
}

/** What each thread of a process is doing, for the report about a hang. */
export function describeThreads(info: ProcessInfo): string {
  const lines = [`process ${info.pid} (${info.comm}) state ${info.state} parent ${info.ppid}`];
  let tasks: string[] = [];
  try {
    tasks = readdirSync(`/proc/${info.pid}/task`);
  } catch {
    lines.push('  gone meanwhile');
  }
  for (const tid of tasks) {
    const dir = `/proc/${info.pid}/task/${tid}`;
    const read = (file: string) => readOr(`${dir}/${file}`, '?').trim();
    const state = /^State:\s*(.*)$/m.exec(read('status'))?.[1];
    lines.push(`  ${tid} ${read('comm')}: ${state}, ${read('wchan')}, syscall ${read('syscall')}`);
  }
  return lines.join('\n');
}
