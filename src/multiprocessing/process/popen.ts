/** One started process, whatever started it. Each start method has a file: popen-fork.ts, popen-spawn.ts, … */

/** What a target came to. */
export type Outcome = { ok: true; value: unknown } | { ok: false; error: unknown };

export interface Popen {
  readonly pid: number;
  /** Settles when it runs, where that is later than its being there. */
  readonly started?: Promise<void>;
  /** As `Process.exitcode`; `null` while it runs. Looks whether it has ended. */
  poll(): number | null;
  /** What the target came to, once the process has ended; `undefined` where it didn't say. */
  outcome(): Outcome | undefined;
  /** Calls back when the end is known; at once where it is. */
  onEnd(listener: () => void): void;
  waitSync(timeout: number): void;
  kill(signal: number): void;
  /** Whether it keeps this process alive. */
  hold(hold: boolean): void;
  /** A descriptor that is readable from the end on. */
  sentinel(): number;
  /** Gives up what belongs to an ended process. */
  close(): void;
}

/** How a process is started: docs/processes.md says what each does. */
export type StartMethod = 'fork' | 'forkserver' | 'spawn' | 'thread';
