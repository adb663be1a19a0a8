/** The errors that the library itself makes. A failed system call's error is Node's own kind, made in C++. */

/** An error with a stable `code`. */
export class ProngError extends Error {
  readonly code: string;

  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }

  override get name(): string {
    return this.constructor.name;
  }
}

/** What was waited for did not happen within `timeout` ms. */
export class TimeoutError extends ProngError {
  constructor(message: string, options?: ErrorOptions) {
    super('ETIMEDOUT', message, options);
  }
}

/** Makes the error for something this platform or this installation can't do. */
export function notSupported(what: string, reason: string): NodeJS.ErrnoException {
  const error = new Error(`ENOTSUP: ${what}: ${reason}`) as NodeJS.ErrnoException;
  error.code = 'ENOTSUP';
  return error;
}
