import { ProngError } from '../../errors.js';

/**
 * A pool was asked for what it can't do any more: `ERR_POOL_CLOSED` (closed or terminated), `ERR_POOL_RUNNING` (`join` before
 * either), `ERR_POOL_TERMINATED` (what was pending at `terminate`), `ERR_POOL_BROKEN` (its initializer failed), `ERR_POOL_FOREIGN` (in a
 * forked copy of the process it belongs to).
 */
export class PoolError extends ProngError {
  constructor(message: string, code: string, options?: ErrorOptions) {
    super(code, message, options);
  }
}

/**
 * The worker that had begun a task died before it had ended it; `exitcode` is the worker's, `-N` for signal N. The task is
 * not run again, unless `retries` said so: nobody can know how far it had come.
 */
export class WorkerDiedError extends ProngError {
  readonly exitcode: number;
  readonly pid: number;

  constructor(message: string, exitcode: number, pid: number) {
    super('ERR_WORKER_DIED', message);
    this.exitcode = exitcode;
    this.pid = pid;
  }
}
