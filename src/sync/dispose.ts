/** Node 20 before 20.5 and other runtimes lack these symbols; TypeScript's `using` looks for exactly them. */
function provide(name: 'dispose' | 'asyncDispose'): void {
  if (Symbol[name] === undefined) Object.defineProperty(Symbol, name, { value: Symbol(`Symbol.${name}`) });
}
provide('dispose');
provide('asyncDispose');

/** What `hold` and `holdSync` give: released once, by whichever comes first. */
export interface Guard extends Disposable, AsyncDisposable {
  release(): void;
}

class Held implements Guard {
  #release: (() => void) | undefined;

  constructor(release: () => void) {
    this.#release = release;
  }

  release(): void {
    const release = this.#release;
    this.#release = undefined;
    release?.();
  }

  [Symbol.dispose](): void {
    this.release();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.release();
  }
}

export function guard(release: () => void): Guard {
  return new Held(release);
}
