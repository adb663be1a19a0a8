/** `prong start --restart`: a daemon that only looks after the program, in a forked child, and starts it again. */
import { read as readFile, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { DaemonContext } from '../daemon/index.js';
import { native } from '../daemon/native.js';
import { setpdeathsig } from '../posix/death-signal.js';
import { close, pipe, write } from '../posix/descriptors.js';
import { fork } from '../posix/fork.js';
import { waitpid } from '../posix/wait.js';
import type { WaitResult } from '../posix/wait-result.js';
import type { Record } from './records.js';
import { runProgram } from './run-program.js';

const FIRST_PAUSE = 100;
const LONGEST_PAUSE = 30_000;
/** A program that lived this long has not crashed because of how it was started. */
const WELL = 10_000;
const KILL_AFTER = 10_000;

export class Supervisor {
  readonly #record: Record;
  #child = 0;
  #restarts = 0;
  #stopping = false;
  #since = 0;
  #wake = new AbortController();

  constructor(record: Record) {
    this.#record = record;
  }

  describe(context: DaemonContext): { [key: string]: unknown } {
    const shown = {
      supervisor: process.pid,
      restarts: this.#restarts,
      status: this.#child === 0 && !this.#stopping ? 'restarting' : context.status,
    };
    if (this.#child === 0) return shown;
    return {
      ...shown,
      pid: this.#child,
      uptime: performance.now() - this.#since,
      memory: memoryOf(this.#child),
    };
  }

  /** SIGTERM. */
  readonly stop = (): void => {
    if (this.#stopping) return;
    this.#stopping = true;
    this.#wake.abort();
    this.#signal('SIGTERM');
    setTimeout(() => this.#signal('SIGKILL'), KILL_AFTER).unref();
  };

  /** SIGHUP and the like are meant for the program. */
  readonly forward = (signal: NodeJS.Signals): void => this.#signal(signal);

  #signal(signal: NodeJS.Signals): void {
    try {
      if (this.#child > 0) process.kill(this.#child, signal);
    } catch {
      // It has just ended.
    }
  }

  /** Calls `ready` when the program has first been loaded. Never resolves in the program's process. */
  async run(ready: () => void): Promise<never> {
    for (let pause = FIRST_PAUSE; ; ) {
      const ended = await this.#runOnce(ready);
      if (this.#stopping) process.exit(0);
      if (ended.exitCode === 0) process.exit(0);
      const how = ended.signal ?? `exit code ${ended.exitCode}`;
      // Before it was ever ready there is somebody who waits to be told.
      if (this.#since === 0) {
        console.error(`the program ended with ${how}`);
        process.exit(ended.exitCode ?? 1);
      }
      if (performance.now() - this.#since > WELL) pause = FIRST_PAUSE;
      console.error(`prong: ${this.#record.name} ended with ${how}, started again in ${pause} ms`);
      await sleep(pause, undefined, { signal: this.#wake.signal }).catch(() => {});
      if (this.#stopping) process.exit(0);
      pause = Math.min(pause * 2, LONGEST_PAUSE);
      this.#restarts++;
    }
  }

  async #runOnce(ready: () => void): Promise<WaitResult> {
    const [loaded, tell] = pipe();
    const pid = fork();
    if (pid === 0) {
      close(loaded);
      // A supervisor that is killed takes the program with it: nobody would know of it.
      setpdeathsig('SIGTERM');
      for (const signal of ['SIGTERM', 'SIGHUP'] as const) process.removeAllListeners(signal);
      process.removeAllListeners('exit');
      const { script, args } = this.#record;
      await runProgram(script, args);
      write(tell, 'R');
      close(tell);
      return await new Promise(() => {});
    }
    close(tell);
    this.#child = pid;
    readFile(loaded, Buffer.alloc(1), 0, 1, null, (error, count) => {
      close(loaded);
      if (error !== null || count === 0) return;
      this.#since = performance.now();
      ready();
    });
    try {
      return await waitpid(pid);
    } finally {
      this.#child = 0;
    }
  }
}

function memoryOf(pid: number): { [key: string]: unknown } {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    const rss = Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1]) * 1024;
    return { rss, pss: native?.memoryOf(pid)[0] };
  } catch {
    return { rss: 0 };
  }
}
