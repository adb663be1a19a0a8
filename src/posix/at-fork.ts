/** Functions that run around every `fork()`. */
export interface AtForkHooks {
  before?: () => void;
  afterInParent?: () => void;
  afterInChild?: () => void;
}

const registered: AtForkHooks[] = [];

export function registerAtFork(hooks: AtForkHooks): void {
  registered.push(hooks);
}

export function runBefore(): void {
  for (const hooks of registered.toReversed()) hooks.before?.();
}

export function runAfterInParent(): void {
  for (const hooks of registered) hooks.afterInParent?.();
}

export function runAfterInChild(): void {
  for (const hooks of registered) hooks.afterInChild?.();
}
