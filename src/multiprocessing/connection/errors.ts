import { ProngError } from '../../errors.js';
import { registerErrorClass } from '../serialize/index.js';

/** The other end is closed, and everything it sent has been received. */
export class EOFError extends ProngError {
  constructor(message = 'the other end of the connection is closed', options?: ErrorOptions) {
    super('EOF', message, options);
  }
}

/** The other side does not have the same `authkey`, or does not speak the protocol. */
export class AuthenticationError extends ProngError {
  constructor(message: string, options?: ErrorOptions) {
    super('ERR_AUTHENTICATION', message, options);
  }
}

export function closedError(what = 'connection'): ProngError {
  return new ProngError('ERR_CLOSED', `this ${what} is closed`);
}

registerErrorClass(EOFError);
registerErrorClass(AuthenticationError);
