import { ProngError } from '../../errors.js';

/**
 * What a method of a managed object threw in the manager's process. `name` and `message` are the thrown error's, `cause` is that error with
 * its own class (where this process has it), stack and properties.
 */
export class RemoteError extends ProngError {
  readonly #name: string;
  /** The stack in the manager's process. */
  readonly remoteStack: string | undefined;

  constructor(thrown: unknown) {
    const error = thrown instanceof Error ? thrown : undefined;
    const code = (error as NodeJS.ErrnoException | undefined)?.code;
    super(typeof code === 'string' ? code : 'ERR_REMOTE', error?.message ?? `thrown: ${String(thrown)}`, {
      cause: thrown,
    });
    this.#name = error?.name ?? 'RemoteError';
    this.remoteStack = error?.stack;
    if (error?.stack !== undefined) this.stack = `${this.stack}\n\nIn the manager's process: ${error.stack}`;
  }

  /** The name of the class that the error had where it was thrown. */
  override get name(): string {
    return this.#name;
  }
}

/** The manager's process has ended, or was never there. */
export class ManagerEndedError extends ProngError {
  constructor(message = "the manager's process has ended", options?: ErrorOptions) {
    super('ERR_MANAGER_ENDED', message, options);
  }
}
