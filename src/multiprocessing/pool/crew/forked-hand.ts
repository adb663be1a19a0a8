/** A forked worker: it holds what this process holds at its hiring. */
import { type ForkedDuty, workForked } from '../worker/forked.js';
import type { Duty, HandEvents } from './hand.js';
import { ProcessHand } from './process-hand.js';
import { type Entry, nextNumber, snapshot } from './registry.js';

export class ForkedHand extends ProcessHand {
  readonly #knowsBelow: number;

  /** Throws what `fork()` throws. */
  constructor(duty: Duty, on: HandEvents) {
    const { initializer, initargs } = duty;
    const known = snapshot();
    const knowsBelow = nextNumber();
    let work: ForkedDuty | undefined;
    super(duty, on, (fd, begun) => {
      work = { fd, known, begun: begun.view as unknown as { 0: number }, initializer, initargs };
      return { startMethod: 'fork', target: () => workForked(work as ForkedDuty) };
    });
    // In this process nothing is to be kept for the worker's life.
    if (work !== undefined) work.known = new Map();
    this.#knowsBelow = knowsBelow;
  }

  override knows({ id }: Entry): boolean {
    return id < this.#knowsBelow;
  }

  override teach(): boolean {
    return false;
  }
}
