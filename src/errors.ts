/** The errors that the library itself makes. A failed system call's error is Node's own kind, made in C++. */

/** An error with a stable `code`. */
export class ProngError extends Error {
  /** Says which error it is, and stays the same from version to version. */
  readonly code: string;

  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }

  /** The name of its class. */
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

/** A primitive was used in a way its state forbids: released while not held, or by someone who doesn't hold it. */
export class ThreadError extends ProngError {
  constructor(message: string, code = 'ERR_THREAD', options?: ErrorOptions) {
    super(code, message, options);
  }
}

/** Waiting would never have ended. The message names the locks and holders of the cycle. */
export class DeadlockError extends ProngError {
  constructor(message: string, options?: ErrorOptions) {
    super('EDEADLK', message, options);
  }
}

/** The barrier was broken: reset or aborted while waiting, or somebody's time ran out. */
export class BrokenBarrierError extends ProngError {
  constructor(message = 'the barrier is broken', options?: ErrorOptions) {
    super('ERR_BROKEN_BARRIER', message, options);
  }
}

/** The holder of a lock made with `{ onOwnerDied: 'throw' }` died; the lock is unusable until `recover()`. */
export class OwnerDiedError extends ProngError {
  constructor(message: string, options?: ErrorOptions) {
    super('EOWNERDEAD', message, options);
  }
}

/** There was nothing to get from a queue, within the time limit if there was one: Python's `queue.Empty`. */
export class QueueEmpty extends ProngError {
  constructor(message = 'the queue is empty', options?: ErrorOptions) {
    super('ERR_QUEUE_EMPTY', message, options);
  }
}

/** There was no room in a queue, within the time limit if there was one: Python's `queue.Full`. */
export class QueueFull extends ProngError {
  constructor(message = 'the queue is full', options?: ErrorOptions) {
    super('ERR_QUEUE_FULL', message, options);
  }
}

/** The queue was shut down, by anybody: nothing can be put, and what was in it has been got: Python's `queue.ShutDown`. */
export class QueueShutDown extends ProngError {
  constructor(message = 'the queue was shut down', options?: ErrorOptions) {
    super('ERR_QUEUE_SHUT_DOWN', message, options);
  }
}

/** This process has closed the queue for itself. */
export class QueueClosed extends ProngError {
  constructor(message = 'the queue is closed', options?: ErrorOptions) {
    super('ERR_QUEUE_CLOSED', message, options);
  }
}
