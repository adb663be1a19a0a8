/**
 * Start method `fork`: the child is this process, from here on, with everything it holds. It never returns to whoever
 * called `start()`: below its target there is the event loop, run anew (core/child/ground.h).
 */
import { AsyncResource } from 'node:async_hooks';
import { notSupported } from '../../errors.js';
import { _exit } from '../../posix/exit.js';
import { fork } from '../../posix/fork.js';
import { startFresh } from '../../util/fresh-process.js';
import { live } from './child.js';
import { forgetOwnEnd } from './end.js';
import { ProcessError } from './errors.js';
import { become, type Identity } from './identity.js';
import { type ChildBinding, native } from './native.js';
import { findExceptionState, leaveAsyncContexts, leaveDomains } from './node-exceptions.js';
import { emptyNodeQueues, findNodeQueues } from './node-queues.js';
import { OwnChild } from './own-child.js';
import type { Outcome, Popen } from './popen.js';
import { printFailure } from './print.js';
import { prepareReports, report } from './report.js';
import { prepareStreams, renewStreams } from './streams.js';

export interface ForkWork {
  identity: Identity;
  run(): unknown;
  /** Descriptors of handles that stay alive in the child. */
  inherit: number[];
}

interface ChildWork extends ForkWork {
  report(outcome: Outcome): void;
  /** The first thing that the child does. */
  begin(): void;
}

/** Listeners that Node itself needs. */
const KEPT_EVENTS = new Set<string | symbol>(['newListener', 'removeListener', 'warning']);

let reason: string | undefined | null = null;

/** Why processes can't be forked here; `undefined` where they can. */
export function whyNoFork(): string | undefined {
  if (reason === null) {
    reason =
      native === undefined
        ? 'there is no native addon'
        : (native.whyNot() ?? findNodeQueues() ?? findExceptionState());
  }
  return reason;
}

/** What the program listens for is its parent's. */
function removeListeners(): void {
  for (const event of process.eventNames()) if (!KEPT_EVENTS.has(event)) process.removeAllListeners(event);
}

/** In the child. Whatever happens, it must not go on as a second parent. */
function beginChild(from: ChildBinding, work: ChildWork): never {
  try {
    becomeChild(from, work);
  } catch (error) {
    try {
      printFailure(work.identity.name, error);
    } finally {
      _exit(1);
    }
  }
}

/** The order matters: nothing of the parent's may run in between. */
function becomeChild(from: ChildBinding, { identity, run, inherit, report, begin }: ChildWork): never {
  begin();
  become(identity);
  startFresh();
  from.quiet(inherit);
  removeListeners();
  // It looks at what the parent was just calling.
  emptyNodeQueues();
  leaveAsyncContexts();
  forgetOwnEnd();
  renewStreams(inherit.includes(0));
  process.exitCode = undefined;
  from.begin(() =>
    live({
      name: identity.name,
      run,
      report,
      leave: _exit,
    }),
  );
}

/** Gives the child's pid. Throws what `fork()` throws. */
export function forkChild(work: ChildWork): number {
  const why = whyNoFork();
  if (why !== undefined || native === undefined) throw notSupported("start method 'fork'", why ?? '');
  if ((process as unknown as { _exiting?: boolean })._exiting === true) {
    throw new ProcessError('a process that is exiting starts no other', 'ERR_PROCESS_EXITING');
  }
  prepareReports();
  prepareStreams();
  // The contexts of AsyncLocalStorage are those of `start()`, and so would be its domain.
  const run = AsyncResource.bind(() => {
    leaveDomains();
    return work.run();
  });
  const pid = fork();
  return pid === 0 ? beginChild(native, { ...work, run }) : pid;
}

/** Python's `Popen` of popen_fork.py. Throws what `fork()` throws. */
export function startFork(work: ForkWork): Popen {
  const reportFd = native?.openReport() ?? -1;
  try {
    const pid = forkChild({
      ...work,
      report: (outcome) => report(reportFd, outcome),
      begin: () => {
        const { daemon, parentPid } = work.identity;
        if (daemon) native?.dieWithParent(parentPid as number);
      },
    });
    return new OwnChild(pid, reportFd);
  } catch (error) {
    native?.takeReport(reportFd);
    throw error;
  }
}
