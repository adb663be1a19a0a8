/** Start methods, and which one is used. */
import { isMainThread } from 'node:worker_threads';
import { forkCapability } from '../../posix/fork.js';
import { checkString, invalidValue } from '../../util/check.js';
import type * as PoolModule from '../pool/pool.js';
import type { Pool, PoolOptions } from '../pool/pool.js';
import { ProcessError } from './errors.js';
import type { StartMethod } from './popen.js';
import { whyNoFork } from './popen-fork.js';
import type * as ProcessModule from './process.js';
import type { Process, ProcessOptions } from './process.js';

const METHODS: readonly StartMethod[] = ['fork', 'spawn', 'forkserver', 'thread'];

let chosen: StartMethod | undefined;

const canFork = (): boolean => isMainThread && forkCapability().grade !== false && whyNoFork() === undefined;

/** The start methods that work here, the default one first. */
export function getAllStartMethods(): StartMethod[] {
  return canFork() ? [...METHODS] : ['spawn', 'thread'];
}

/** Throws `ERR_INVALID_ARG_VALUE` for what is none. */
export function resolveMethod(method: unknown, name = 'method'): StartMethod {
  checkString(name, method);
  if (!METHODS.includes(method as StartMethod)) {
    throw invalidValue(name, `must be one of: ${METHODS.map((each) => `'${each}'`).join(', ')}`, method);
  }
  return method as StartMethod;
}

/** How processes are started that don't say it themselves: `fork` where it works, else `spawn`; or what was set. */
export function getStartMethod(): StartMethod {
  chosen ??= canFork() ? 'fork' : 'spawn';
  return chosen;
}

/**
 * Sets it, once, before the first process.
 *
 * @param options.force set it again
 * @throws `ERR_CONTEXT_SET` where it has been set or used already
 */
export function setStartMethod(method: StartMethod, options: { force?: boolean } = {}): void {
  const wanted = resolveMethod(method);
  if (chosen !== undefined && options.force !== true) {
    throw new ProcessError('the start method has already been set', 'ERR_CONTEXT_SET');
  }
  chosen = wanted;
}

const pools = new Map<StartMethod | undefined, typeof Pool>();

function poolOf(context: Context, method: StartMethod | undefined): typeof Pool {
  let own = pools.get(method);
  if (own === undefined) {
    // Loaded late: who only starts processes has no use for it.
    const { Pool: Base } = require('../pool/pool.js') as typeof PoolModule;
    if (method === undefined) own = Base;
    else {
      own = {
        Pool: class extends Base {
          constructor(processes?: number | PoolOptions, options: PoolOptions = {}) {
            if (typeof processes === 'object' && processes !== null) super({ context, ...processes });
            else super(processes, { context, ...options });
          }
        },
      }.Pool;
    }
    pools.set(method, own);
  }
  return own;
}

/** The same module with a start method of its own. */
export interface Context {
  readonly Process: typeof Process;
  readonly Pool: typeof Pool;
  /** The start method of its processes. */
  getStartMethod(): StartMethod;
}

const contexts = new Map<StartMethod | undefined, Context>();

/** An object with a `Process` and a `Pool` that start in this way; without a method, in the way that is set. */
export function getContext(method?: StartMethod): Context {
  const wanted = method === undefined ? undefined : resolveMethod(method);
  let context = contexts.get(wanted);
  if (context === undefined) {
    const { Process: Base } = require('./process.js') as typeof ProcessModule;
    const Bound =
      wanted === undefined
        ? Base
        : {
            Process: class extends Base {
              constructor(options: ProcessOptions = {}) {
                super({ startMethod: wanted, ...options });
              }
            },
          }.Process;
    const made: Context = {
      Process: Bound,
      get Pool() {
        return poolOf(made, wanted);
      },
      getStartMethod: () => wanted ?? getStartMethod(),
    };
    context = made;
    contexts.set(wanted, context);
  }
  return context;
}
