/** Failures of `applyAsync` and its like that nobody ever asks for: Python drops them without a word, we say it once. */
import type { Failed } from './jobs/outcome.js';

/** More are counted, not kept. */
const MOST = 100;

export class Unasked {
  #outcomes: Failed[] = [];
  #more = 0;
  #listening = false;

  readonly add = (outcome: Failed): void => {
    // Whoever terminates a pool knows.
    if ((outcome.error as { code?: unknown } | undefined)?.code === 'ERR_POOL_TERMINATED') return;
    if (this.#outcomes.length < MOST) this.#outcomes.push(outcome);
    else this.#more++;
    if (this.#listening) return;
    this.#listening = true;
    process.once('beforeExit', this.tell);
  };

  /** When nothing more can come. */
  readonly tell = (): void => {
    process.removeListener('beforeExit', this.tell);
    this.#listening = false;
    const unasked = this.#outcomes.filter(({ asked }) => !asked);
    const count = unasked.length + this.#more;
    const [first] = unasked;
    this.#outcomes = [];
    this.#more = 0;
    if (first === undefined) return;
    process.emitWarning(
      `${count === 1 ? 'a task' : `${count} tasks`} of a pool failed, and nobody asked what came of it: ${String(first.error)}. ` +
        'Await what applyAsync() gives, or pass errorCallback',
      { type: 'PoolWarning', code: 'PRONG_POOL_UNASKED' },
    );
  };
}
