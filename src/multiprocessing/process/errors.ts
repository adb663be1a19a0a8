import { ProngError } from '../../errors.js';

/** What goes wrong with processes, not in them: Python's `ProcessError`. */
export class ProcessError extends ProngError {
  constructor(message: string, code = 'ERR_PROCESS', options?: ErrorOptions) {
    super(code, message, options);
  }
}

/** The process ended before its target did. `exitcode` as `Process.exitcode`. */
export class ProcessEndedError extends ProcessError {
  readonly exitcode: number;

  constructor(message: string, exitcode: number) {
    super(message, 'ERR_PROCESS_ENDED');
    this.exitcode = exitcode;
  }
}
