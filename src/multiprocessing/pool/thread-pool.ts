import { Pool, type PoolOptions } from './pool.js';

/**
 * As `Pool`, with worker threads: they start a little faster than Node does, share memory (`SharedArrayBuffer`, prong's primitives), and work where
 * there is no fork. Functions travel to them as to a `Thread`.
 *
 * @see Python's `multiprocessing.pool.ThreadPool`
 */
export class ThreadPool extends Pool {
  constructor(processes?: number | PoolOptions, options: PoolOptions = {}) {
    if (typeof processes === 'object' && processes !== null) super({ ...processes, context: 'thread' });
    else super(processes, { ...options, context: 'thread' });
  }
}
