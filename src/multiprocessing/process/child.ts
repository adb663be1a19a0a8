/** The life of a child, whichever process start method made it: its target, its end, and what its parent hears of it. */
import { constants } from 'node:os';
import type * as Threads from '../../threading/current.js';
import { hadThreads } from '../../threading/table.js';
import { endChildren, endChildrenSync } from './end.js';
import { ProcessError } from './errors.js';
import type { Outcome } from './popen.js';
import { printFailure } from './print.js';
import { drainStreams } from './streams.js';

export interface Life {
  readonly name: string;
  run(): unknown;
  /** Tells the parent; called once at most. */
  report(outcome: Outcome): void;
  /** Leaves, without any of Node's own ceremony; `undefined` where only Node can. */
  leave: ((code: number) => never) | undefined;
}

/** Threads of the target's that are no daemons are waited for, as Python does. */
async function joinThreads(): Promise<void> {
  if (!hadThreads()) return;
  const { enumerate, currentThread } = require('../../threading/current.js') as typeof Threads;
  const own = currentThread();
  for (const thread of enumerate()) if (thread !== own && !thread.daemon) await thread.join();
}

/** Coverage and profiles are written by Node's own way out. */
function needsCeremony(): boolean {
  return (
    process.env.NODE_V8_COVERAGE !== undefined ||
    [...process.execArgv, process.env.NODE_OPTIONS ?? ''].some((flag) => /--(cpu|heap)-prof/.test(flag))
  );
}

/** In the child, on clean ground: runs the target and ends the process. */
export function live({ name, run, report, leave }: Life): void {
  let told = false;
  const tell = (outcome: Outcome): void => {
    if (told) return;
    told = true;
    report(outcome);
  };
  const fail = (error: unknown): void => {
    printFailure(name, error);
    tell({ ok: false, error });
  };
  if (leave !== undefined && !needsCeremony()) process.reallyExit = leave;
  process.on('uncaughtExceptionMonitor', (error) => {
    if (process.listenerCount('uncaughtException') > 0) return;
    fail(error);
    process.exit(1);
  });
  let drained = false;
  process.on('beforeExit', () => {
    drained = true;
    // Another listener may have more to do.
    if (process.listenerCount('beforeExit') > 1) return;
    fail(unsettled());
    process.exit(1);
  });
  process.on('exit', () => {
    endChildrenSync();
    if (told || !drained || process.exitCode !== undefined) return;
    fail(unsettled());
    process.exitCode = 1;
  });

  const end = async (code: number): Promise<void> => {
    await joinThreads();
    await endChildren();
    await drainStreams();
    process.exit(code);
  };
  const main = async (): Promise<void> => {
    try {
      const value = await run();
      tell({ ok: true, value });
    } catch (error) {
      fail(error);
      await end(1);
    }
    await end(Number(process.exitCode ?? 0));
  };
  void main();
}

function unsettled(): Error {
  return new ProcessError(
    'the target never settled, and nothing is left that could settle it',
    'ERR_PROCESS_UNSETTLED',
  );
}

/** How a child died, in words. */
export function describeEnd(exitcode: number): string {
  if (exitcode >= 0) return `ended with exit code ${exitcode}`;
  const signals = Object.entries(constants.signals) as [string, number][];
  const signal = signals.find(([, number]) => number === -exitcode)?.[0] ?? `signal ${-exitcode}`;
  return `was killed by ${signal}`;
}
