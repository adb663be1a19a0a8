/**
 * What Node keeps in variables of its own: timers, immediates, ticks and rejections that are on their way. A Process's
 * child empties them. They are found through the inspector, once, before the first fork.
 */

import { AsyncResource, createHook, executionAsyncResource } from 'node:async_hooks';
import { clearImmediate, clearTimeout, setImmediate, setTimeout } from 'node:timers';
import type * as Inspect from '../../closure/inspect.js';

interface Linked {
  _idleNext: Linked | null;
  _idlePrev: Linked | null;
}

interface PendingImmediate extends Linked {
  _destroyed: boolean;
  _onImmediate: unknown;
  _argv: unknown;
}

interface Queues {
  timerListMap: Record<string, Linked>;
  immediateQueue: { head: PendingImmediate | null; tail: PendingImmediate | null };
  /** Count, references, whether some that were due have not run. */
  immediateInfo: Uint32Array;
  Immediate: new () => PendingImmediate;
  queue: { isEmpty(): boolean; shift(): unknown };
  setHasTickScheduled(has: boolean): void;
  setHasRejectionToWarn(has: boolean): void;
  processPromiseRejections(): boolean;
}

const TIMERS = ['timerListMap', 'immediateQueue', 'immediateInfo', 'Immediate'];
const TICKS = ['queue', 'setHasTickScheduled', 'setHasRejectionToWarn', 'processPromiseRejections'];
const REJECTIONS = ['pendingUnhandledRejections', 'asyncHandledRejections'];
const COUNT = 0;
const OUTSTANDING = 2;

let queues: Queues | undefined;
let rejections: unknown[] = [];

function pick(inspector: Inspect.Inspector, fn: unknown, names: string[]): Record<string, unknown> {
  const found: Record<string, unknown> = {};
  for (const { object } of inspector.inspect(fn).scopes) {
    for (const name of names) if (!(name in found) && name in object) found[name] = object[name];
  }
  return found;
}

function check(found: Record<string, unknown>): found is Record<string, unknown> & Queues {
  const { timerListMap, immediateQueue, immediateInfo, queue } = found as Partial<Queues>;
  return (
    typeof timerListMap === 'object' &&
    typeof immediateQueue === 'object' &&
    'head' in immediateQueue &&
    immediateInfo instanceof Uint32Array &&
    typeof queue?.shift === 'function' &&
    typeof queue.isEmpty === 'function' &&
    [...TIMERS, ...TICKS].every((name) => found[name] !== undefined)
  );
}

/** In the parent. The reason where they can't be found. */
export function findNodeQueues(): string | undefined {
  if (queues !== undefined) return undefined;
  try {
    const { Inspector } = require('../../closure/inspect.js') as typeof Inspect;
    const inspector = new Inspector();
    try {
      const found = { ...pick(inspector, setTimeout, TIMERS), ...pick(inspector, process.nextTick, TICKS) };
      if (!check(found)) return "Node's timers and ticks could not be found";
      const lists = pick(inspector, found.processPromiseRejections, REJECTIONS);
      rejections = Object.values(lists).filter((list) => typeof list === 'object' && list !== null);
      queues = found;
    } finally {
      inspector.close();
    }
  } catch (error) {
    return `Node's timers and ticks could not be found (${(error as Error).message})`;
  }
  return undefined;
}

function clearTimers({ timerListMap }: Queues): void {
  // The one that is just being called, if so, still counts.
  const running = executionAsyncResource() as { _onTimeout?: unknown };
  if (typeof running._onTimeout === 'function') clearTimeout(running as unknown as NodeJS.Timeout);
  for (const list of Object.values(timerListMap)) {
    const timers: Linked[] = [];
    for (let timer = list._idleNext; timer !== null && timer !== list; timer = timer._idleNext)
      timers.push(timer);
    for (const timer of timers) clearTimeout(timer as unknown as NodeJS.Timeout);
  }
}

/** Between two immediates nothing leads to the next ones: each is disarmed when it is about to be called. */
function disarmDueImmediates(Immediate: Queues['Immediate'], immediateInfo: Uint32Array): void {
  if (immediateInfo[OUTSTANDING] === 0) return;
  const own = new AsyncResource('prong.Process').asyncId();
  const hook = createHook({
    before(id) {
      const resource = executionAsyncResource();
      if (id < own && resource instanceof Immediate) resource._onImmediate = () => {};
    },
  }).enable();
  setImmediate(() => hook.disable()).unref();
}

/**
 * Where the fork happened in an immediate, Node holds on to it, and would go on behind it: it becomes one that does
 * nothing and has nobody behind it.
 */
function disarmRunningImmediate({ Immediate, immediateInfo }: Queues): void {
  const running = executionAsyncResource() as PendingImmediate;
  if (!(running instanceof Immediate)) {
    disarmDueImmediates(Immediate, immediateInfo);
    return;
  }
  if (running._idlePrev === null) return;
  running._destroyed = false;
  running._onImmediate = () => {};
  running._argv = undefined;
  running._idleNext = null;
  immediateInfo[COUNT] = (immediateInfo[COUNT] as number) + 1;
}

function clearImmediates(from: Queues): void {
  const waiting: PendingImmediate[] = [];
  for (let each = from.immediateQueue.head; each !== null; each = each._idleNext as PendingImmediate | null) {
    waiting.push(each);
  }
  for (const each of waiting) clearImmediate(each as unknown as NodeJS.Immediate);
  disarmRunningImmediate(from);
}

function clearRejections(): void {
  for (const list of rejections) {
    if (Array.isArray(list)) list.length = 0;
    else if (list instanceof Map || list instanceof Set) list.clear();
    else {
      const queue = list as { isEmpty?(): boolean; shift?(): unknown };
      while (queue.isEmpty?.() === false) queue.shift?.();
    }
  }
}

/** In the child: nothing that the parent scheduled will run. */
export function emptyNodeQueues(): void {
  const from = queues as Queues;
  clearTimers(from);
  clearImmediates(from);
  while (!from.queue.isEmpty()) from.queue.shift();
  from.setHasTickScheduled(false);
  clearRejections();
  from.setHasRejectionToWarn(false);
}
