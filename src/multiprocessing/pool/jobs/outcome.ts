/** What failed, and whether anybody has asked for it. */
export interface Failed {
  readonly asked: boolean;
  readonly error: unknown;
}

const LONGEST_TIMER = 2 ** 31 - 1;

/** Something that settles once: cheaper than a promise, which it makes only when it is asked for one. */
export class Outcome<T> {
  #state: 'pending' | 'done' | 'failed' = 'pending';
  #value: unknown;
  #promise: Promise<T> | undefined;
  #resolve: ((value: T) => void) | undefined;
  #reject: ((error: unknown) => void) | undefined;
  #listeners: (() => void)[] | undefined;
  #asked = false;
  /** Told of a failure that nobody has asked for when it comes. */
  whenUnasked: ((outcome: Failed) => void) | undefined;

  get state(): 'pending' | 'done' | 'failed' {
    return this.#state;
  }

  /** Whether somebody has asked what came of it. */
  get asked(): boolean {
    return this.#asked;
  }

  /** Somebody does. */
  ask(): void {
    this.#asked = true;
  }

  /** What came of it; throws the error. Only once it has settled. */
  get value(): T {
    this.#asked = true;
    if (this.#state === 'failed') throw this.#value;
    return this.#value as T;
  }

  get error(): unknown {
    return this.#state === 'failed' ? this.#value : undefined;
  }

  get promise(): Promise<T> {
    this.#asked = true;
    if (this.#promise === undefined) {
      if (this.#state === 'done') this.#promise = Promise.resolve(this.#value as T);
      else if (this.#state === 'failed') this.#promise = Promise.reject(this.#value);
      else {
        this.#promise = new Promise((resolve, reject) => {
          this.#resolve = resolve;
          this.#reject = reject;
        });
      }
    }
    return this.#promise;
  }

  resolve(value: T): void {
    if (this.#state !== 'pending') return;
    this.#state = 'done';
    this.#value = value;
    this.#resolve?.(value);
    this.#tell();
  }

  reject(error: unknown): void {
    if (this.#state !== 'pending') return;
    this.#state = 'failed';
    this.#value = error;
    this.#reject?.(error);
    if (!this.#asked) this.whenUnasked?.(this);
    this.#tell();
  }

  /** Calls when it has settled; at once if it has. */
  onSettled(listener: () => void): void {
    if (this.#state !== 'pending') listener();
    else {
      this.#listeners ??= [];
      this.#listeners.push(listener);
    }
  }

  /** Somebody waits: whether it has settled, after `timeout` ms at the latest. */
  within(timeout: number): Promise<boolean> {
    this.#asked = true;
    const settled = (): boolean => this.#state !== 'pending';
    if (settled() || timeout === 0) return Promise.resolve(settled());
    return new Promise((resolve) => {
      let timer: NodeJS.Timeout | undefined;
      if (timeout <= LONGEST_TIMER) timer = setTimeout(() => resolve(settled()), timeout);
      this.onSettled(() => {
        clearTimeout(timer);
        resolve(true);
      });
    });
  }

  #tell(): void {
    const listeners = this.#listeners;
    this.#listeners = undefined;
    for (const listener of listeners ?? []) listener();
  }
}
