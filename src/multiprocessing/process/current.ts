import { cpuCount as countCpus } from '../../posix/cpus.js';
import { getppid } from '../../posix/identity.js';
import { sleep } from '../../threading/table.js';
import { checkTimeout } from '../../util/check.js';
import { children, type Identity, identity } from './identity.js';
import { type Made, type Process, selfObject } from './process.js';

let current: Process | undefined;
let currentPid = -1;
let parent: ParentProcess | undefined;

/** In a child: it is this process. */
export function becomeCurrent(process: Process, identity: Identity): void {
  current = selfObject(process, identity);
  currentPid = globalThis.process.pid;
}

/** In a process that got its work in a parcel: the object is made here. */
export function makeCurrent(identity: Identity, prototype: object | undefined, made: Made): Process {
  current = selfObject(undefined, identity, made);
  if (prototype !== undefined) Object.setPrototypeOf(current, prototype);
  currentPid = globalThis.process.pid;
  return current;
}

/** The `Process` of the process that asks; in the main one its name is `MainProcess`. */
export function currentProcess(): Process {
  if (current === undefined || currentPid !== process.pid) {
    current = selfObject(undefined, identity());
    currentPid = process.pid;
  }
  return current;
}

const PAUSE = 10;

/** What a child knows of the process that started it. */
export class ParentProcess {
  readonly name: string;
  readonly pid: number;

  constructor(name: string, pid: number) {
    this.name = name;
    this.pid = pid;
  }

  /** Its pid. */
  get ident(): number {
    return this.pid;
  }

  /** Whether it lives. */
  isAlive(): boolean {
    if (getppid() === this.pid) return true;
    // A fork server's children are not ours by birth.
    try {
      return process.kill(this.pid, 0);
    } catch (error) {
      return (error as NodeJS.ErrnoException).code === 'EPERM';
    }
  }

  /** Waits until it has ended, or for `timeout` ms. */
  async join(options: { timeout?: number } = {}): Promise<void> {
    const end = performance.now() + checkTimeout(options.timeout);
    while (this.isAlive() && performance.now() < end)
      await new Promise((resolve) => setTimeout(resolve, PAUSE));
  }

  /** As `join`, blocking this thread. */
  joinSync(options: { timeout?: number } = {}): void {
    const end = performance.now() + checkTimeout(options.timeout);
    while (this.isAlive() && performance.now() < end) sleep(PAUSE);
  }
}

/** The process that started this one; `null` in the main one. */
export function parentProcess(): ParentProcess | null {
  const { parentPid, parentName } = identity();
  if (parentPid === undefined) return null;
  if (parent?.pid !== parentPid) parent = new ParentProcess(parentName ?? '', parentPid);
  return parent;
}

/** The children of this process that are alive. Those that have ended are taken off the system's table. */
export function activeChildren(): Process[] {
  return [...children].filter((child) => child.isAlive());
}

/** How many processors the system has. */
export function cpuCount(): number {
  return countCpus();
}
