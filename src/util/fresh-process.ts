/**
 * A Process's child starts with nothing of what its parent was waiting for. Parts of prong that keep such waits (promises
 * of locks and queues, say) drop them here, where a plain `fork()` would keep them.
 */
const droppers: (() => void)[] = [];

/** Registers what is to be forgotten in every Process's child that is forked. Run before anything else of the child. */
export function onFreshProcess(drop: () => void): void {
  droppers.push(drop);
}

/** In the child. */
export function startFresh(): void {
  for (const drop of droppers) drop();
}
