/**
 * What pools tell `node:diagnostics_channel`: `prong:pool:task` and `prong:pool:worker`. Nothing is made where nobody listens.
 */
import { channel } from 'node:diagnostics_channel';

/** A message on `prong:pool:task`. */
export interface TaskTrace {
  event: 'submit' | 'start' | 'end' | 'error';
  /** The pool's number in this process. */
  pool: number;
  /** The function's name. */
  name: string;
  /** How many items are meant: 1 for a call. */
  items: number;
  /** The worker's pid, from `start` on. */
  pid?: number;
  error?: unknown;
}

/** A message on `prong:pool:worker`. */
export interface WorkerTrace {
  event: 'start' | 'stop' | 'end';
  pool: number;
  name: string;
  pid: number;
  exitcode?: number;
}

const tasks = channel('prong:pool:task');
const workers = channel('prong:pool:worker');

/** Whether somebody listens: asked for first where there may be ten thousand tasks. */
export const tracingTasks = (): boolean => tasks.hasSubscribers;

export function traceTask(message: TaskTrace): void {
  tasks.publish(message);
}

export function traceWorker(make: () => WorkerTrace): void {
  if (workers.hasSubscribers) workers.publish(make());
}
