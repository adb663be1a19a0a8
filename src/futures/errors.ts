import { ProngError } from '../errors.js';

/** The future was cancelled before it had begun. */
export class CancelledError extends ProngError {
  constructor(message = 'the future was cancelled') {
    super('ERR_FUTURE_CANCELLED', message);
  }
}

/** Something was asked of a future or an executor that its state forbids. */
export class InvalidStateError extends ProngError {
  constructor(message: string, code = 'ERR_INVALID_STATE') {
    super(code, message);
  }
}

/** The executor can do nothing more: its initializer failed, or its workers die before they have done anything. */
export class BrokenExecutor extends ProngError {
  constructor(message: string, options?: ErrorOptions) {
    super('ERR_BROKEN_EXECUTOR', message, options);
  }
}

/** As `BrokenExecutor`, of processes. */
export class BrokenProcessPool extends BrokenExecutor {}

/** As `BrokenExecutor`, of threads. */
export class BrokenThreadPool extends BrokenExecutor {}
