/** A server of its own that is measured from outside. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { benchProgram } from '../harness/suite.js';

export interface Ready {
  /** ms since the master's birth. */
  ready: number;
  port: number;
  pids: number[];
}

export interface Running extends Ready {
  signal(signal: NodeJS.Signals, pid?: number): void;
  /** What the next line says; a new master says as much as the first. */
  next(): Promise<Ready>;
  /** Resolves when all of it has ended. */
  end(pid?: number): Promise<void>;
}

export async function startServer(...args: string[]): Promise<Running> {
  const child = spawn(process.execPath, [benchProgram('prefork/server'), ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const closed = once(child, 'close');
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async () => JSON.parse((await lines.next()).value as string) as Ready;
  const signal = (name: NodeJS.Signals, pid = child.pid as number) => void process.kill(pid, name);
  return {
    ...(await next()),
    signal,
    next,
    end: async (pid) => {
      if (args[0] !== 'load') signal('SIGTERM', pid);
      await closed;
    },
  };
}
