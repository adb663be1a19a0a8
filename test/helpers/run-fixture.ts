/**
 * Runs a fixture program in a session of its own, with a hard limit of time, and makes sure that it left nothing
 * behind: no process, no temporary file, no shared memory name.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describeThreads, isAtWork, processesOf, processorTime } from './processes.js';

export interface FixtureOptions {
  args?: string[];
  /** Flags for node. */
  flags?: string[];
  env?: Record<string, string | undefined>;
  input?: string;
  /**
   * Milliseconds until the fixture counts as hanging. On a machine that is busy with other things it gets longer, for
   * as long as it makes use of its share and that does not come to more than this.
   */
  timeout?: number;
  /** A program to start instead of node; it gets the path of node, the flags, the fixture and the arguments. */
  wrapper?: string[];
  /** Sees the process while it runs, and may send it signals. */
  onStart?: (child: ChildProcess) => void;
  /** Sees what is printed as it arrives. */
  onOutput?: (text: string, child: ChildProcess) => void;
}

export interface FixtureResult {
  stdout: string;
  stderr: string;
  /** The lines of stdout, sorted: two processes write them in any order. */
  lines: string[];
  code: number | null;
  signal: NodeJS.Signals | null;
}

const fixtures = fileURLToPath(new URL('../fixtures/', import.meta.url));
const LIMIT = 2;
const GRACE = 5000;
/** Seconds without a sign of life, after its time is up, until a fixture counts as hanging. */
const MOST_IDLE = 3;
const MOST_PATIENCE = 6;
let running = 0;
const queue: (() => void)[] = [];

async function enter(): Promise<void> {
  if (running >= LIMIT) {
    await new Promise<void>((resolve) => queue.push(resolve));
  } else {
    running++;
  }
}

function leave(): void {
  const next = queue.shift();
  if (next) {
    next();
  } else {
    running--;
  }
}

/** Calls `onHang` when the processes hang; answers what ends the watch. */
function watch(pids: () => number[], limit: number, onHang: () => void): () => void {
  const start = Date.now();
  let idle = 0;
  let used = 0;
  let timer = setTimeout(check, limit);
  function check(): void {
    const all = pids();
    const now = all.reduce((sum, pid) => sum + processorTime(pid), 0);
    idle = now > used || all.some(isAtWork) ? 0 : idle + 1;
    used = Math.max(used, now);
    if (idle >= MOST_IDLE || used > limit || Date.now() - start > MOST_PATIENCE * limit) onHang();
    else timer = setTimeout(check, 1000);
  }
  return () => clearTimeout(timer);
}

/** Runs `test/fixtures/<name>`; rejects on a hang, and when anything is left afterwards. */
export async function runFixture(name: string, options: FixtureOptions = {}): Promise<FixtureResult> {
  await enter();
  const scratch = mkdtempSync(join(tmpdir(), 'prong-test-'));
  try {
    return await runIn(scratch, join(fixtures, name), options);
  } finally {
    rmSync(scratch, { recursive: true, force: true });
    leave();
  }
}

async function runIn(scratch: string, path: string, options: FixtureOptions): Promise<FixtureResult> {
  const mark = `PRONG_TEST_RUN=${scratch}`;
  const command = [...(options.wrapper ?? []), process.execPath, ...(options.flags ?? []), path];
  const child = spawn(command[0]!, [...command.slice(1), ...(options.args ?? [])], {
    detached: true,
    stdio: 'pipe',
    env: {
      ...process.env,
      NODE_OPTIONS: undefined,
      NODE_NO_WARNINGS: '1',
      TMPDIR: scratch,
      PRONG_TEST_RUN: scratch,
      ...options.env,
    },
  });
  const pid = child.pid ?? -1;
  const out = { stdout: '', stderr: '' };
  for (const stream of ['stdout', 'stderr'] as const) {
    child[stream].setEncoding('utf8').on('data', (text: string) => {
      out[stream] += text;
      options.onOutput?.(text, child);
    });
  }
  child.stdin.on('error', () => {}).end(options.input ?? '');
  options.onStart?.(child);

  const killAll = (): string => {
    const left = processesOf(pid, mark);
    const report = left.map(describeThreads).join('\n');
    for (const info of left) {
      try {
        process.kill(info.pid, 'SIGKILL');
      } catch {
        // Gone meanwhile.
      }
    }
    return report;
  };
  const shown = () => `stdout:\n${out.stdout.slice(-3000)}\nstderr:\n${out.stderr.slice(-3000)}`;
  const command1 = command.concat(options.args ?? []).join(' ');

  let hang: string | undefined;
  const stopWatching = watch(
    () => processesOf(pid, mark).map((info) => info.pid),
    options.timeout ?? 30_000,
    () => {
      hang = killAll();
    },
  );
  const [code, signal] = await new Promise<[number | null, NodeJS.Signals | null]>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (...status) => resolve(status));
  });
  stopWatching();
  if (hang !== undefined) {
    throw new Error(`hangs: ${command1}\n${hang}\n${shown()}`);
  }

  // A child may still be on its last instructions after it has closed its pipes.
  const end = Date.now() + GRACE;
  while (processesOf(pid, mark).length > 0 && Date.now() < end) {
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  const left = killAll();
  if (left !== '') {
    throw new Error(`leaves processes: ${command1}\n${left}\n${shown()}`);
  }
  const files = readdirSync(scratch);
  const names = readdirSync('/dev/shm').filter((entry) => entry.split(/\D+/).includes(String(pid)));
  if (files.length > 0 || names.length > 0) {
    throw new Error(`leaves files: ${command1}\n${[...files, ...names].join(' ')}\n${shown()}`);
  }
  const lines = out.stdout.split('\n').filter((line) => line !== '');
  return { ...out, lines: lines.sort(), code, signal };
}
