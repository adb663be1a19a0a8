/** Start method `spawn` without the addon: `child_process`, and files in a directory of their own. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { notSupported } from '../errors.js';
import { decodeOutcome } from '../multiprocessing/process/outcome.js';
import type { Outcome, Popen } from '../multiprocessing/process/popen.js';
import { entryFile, nodeFlags } from '../multiprocessing/process/program.js';
import { signalNumber } from '../posix/signal-names.js';
import { waitstatusToExitcode } from '../posix/wait-result.js';
import { sleep } from '../threading/table.js';

const LONGEST_PAUSE = 20;

/** What the system knows of a child that has ended and has not been reaped: its wait status. */
function statusOf(pid: number): number | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' ? Number(fields.at(-1)) : undefined;
  } catch {
    return undefined;
  }
}

class FallbackChild implements Popen {
  readonly pid: number;
  readonly #child: ChildProcess;
  readonly #directory: string;
  #code: number | null = null;
  #outcome: Outcome | undefined;
  #listeners: (() => void)[] = [];

  constructor(child: ChildProcess, directory: string) {
    this.#child = child;
    this.#directory = directory;
    this.pid = child.pid as number;
    child.once('exit', (code, signal) => {
      this.#ended(code ?? -signalNumber(signal));
    });
    child.unref();
  }

  #ended(code: number): void {
    if (this.#code !== null) return;
    this.#code = code;
    try {
      this.#outcome = decodeOutcome(readFileSync(join(this.#directory, 'report')));
    } catch {
      // It didn't come to say anything.
    }
    rmSync(this.#directory, { recursive: true, force: true });
    const listeners = this.#listeners;
    this.#listeners = [];
    for (const listener of listeners) listener();
  }

  poll(): number | null {
    if (this.#code === null) {
      const { exitCode, signalCode } = this.#child;
      const status = statusOf(this.pid);
      if (exitCode !== null || signalCode !== null) this.#ended(exitCode ?? -signalNumber(signalCode));
      else if (status !== undefined) this.#ended(waitstatusToExitcode(status));
    }
    return this.#code;
  }

  outcome(): Outcome | undefined {
    return this.#outcome;
  }

  onEnd(listener: () => void): void {
    if (this.#code !== null) listener();
    else this.#listeners.push(listener);
  }

  waitSync(timeout: number): void {
    if (process.platform !== 'linux') throw notSupported('joinSync()', 'it needs the native addon here');
    const deadline = performance.now() + timeout;
    for (
      let pause = 1;
      this.poll() === null && performance.now() < deadline;
      pause = Math.min(pause * 2, LONGEST_PAUSE)
    ) {
      sleep(Math.min(pause, deadline - performance.now()));
    }
  }

  kill(signal: number): void {
    if (this.poll() === null) this.#child.kill(signal);
  }

  hold(hold: boolean): void {
    if (hold) this.#child.ref();
    else this.#child.unref();
  }

  sentinel(): number {
    throw notSupported('a sentinel', 'it needs the native addon');
  }

  close(): void {}
}

export function startSpawn(parcel: Uint8Array): Popen {
  const directory = mkdtempSync(join(tmpdir(), 'prong-'));
  try {
    const file = join(directory, 'parcel');
    writeFileSync(file, parcel, { mode: 0o600 });
    const args = [...nodeFlags(), entryFile('spawned'), file, join(directory, 'report')];
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'inherit', 'inherit'] });
    if (child.pid === undefined) {
      child.once('error', () => {});
      throw Object.assign(new Error('EAGAIN: spawn: the process could not be started'), { code: 'EAGAIN' });
    }
    return new FallbackChild(child, directory);
  } catch (error) {
    rmSync(directory, { recursive: true, force: true });
    throw error;
  }
}
