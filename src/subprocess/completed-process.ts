import { CalledProcessError, type Output } from './errors.js';
import type { Command } from './types.js';

/** A program that has ended. */
export class CompletedProcess<T extends Output = Output> {
  constructor(
    /** The command as it was given. */
    readonly args: Command,
    /** The exit code, or `-N` if signal N ended it. */
    readonly returncode: number,
    /** What it printed, where that was collected; else `null`. */
    readonly stdout: T = null as T,
    readonly stderr: T = null as T,
  ) {}

  /** @throws CalledProcessError unless `returncode` is 0 */
  checkReturncode(): void {
    if (this.returncode !== 0)
      throw new CalledProcessError(this.returncode, this.args, this.stdout, this.stderr);
  }
}
