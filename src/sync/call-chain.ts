/**
 * Which asynchronous call chain is running: a token for each acquisition by promise, carried along by AsyncLocalStorage. Who
 * runs in a context that descends from a token is of that chain.
 */
import { AsyncLocalStorage } from 'node:async_hooks';

export interface Chain {
  /** Made in the synchronous run that is still going on: other calls of the same run are not of this chain. */
  fresh: boolean;
  /** Nothing is held under it any more. */
  dead: boolean;
  readonly parent: Chain | undefined;
  /** The same number for all that descend from one another: what deadlock detection calls the chain. */
  readonly root: number;
}

let roots = 0;

const storage = new AsyncLocalStorage<Chain>();

function live(chain: Chain | undefined): Chain | undefined {
  let at = chain;
  while (at?.dead || at?.fresh) at = at.parent;
  return at;
}

/** Whether the caller runs in a chain. */
export function isIn(chain: Chain): boolean {
  for (let at = storage.getStore(); at !== undefined; at = at.parent) {
    if (at === chain) return !at.fresh;
  }
  return false;
}

function fresh(): Chain {
  const parent = live(storage.getStore());
  return { fresh: true, dead: false, parent, root: parent?.root ?? ++roots };
}

/** Begins a chain: what the caller does after its next `await` belongs to it. */
export function enterChain(): Chain {
  const chain = fresh();
  storage.enterWith(chain);
  // Queued before the continuation of whoever awaits the acquisition.
  queueMicrotask(() => {
    chain.fresh = false;
  });
  return chain;
}

/** Runs `fn` in a chain of its own, and nothing else. */
export function runInChain<R>(fn: (chain: Chain) => R): R {
  const chain = fresh();
  chain.fresh = false;
  return storage.run(chain, fn, chain);
}
