import { ProngError } from '../errors.js';

/** Another process holds the pidfile, or answers at the control socket. */
export class AlreadyRunningError extends ProngError {
  /** Who it is; `undefined` where that can't be known. */
  readonly pid: number | undefined;

  constructor(what: string, pid: number | undefined) {
    super('ERR_ALREADY_RUNNING', `${what} is already running${pid === undefined ? '' : ` with pid ${pid}`}`);
    this.pid = pid;
  }
}

/** There is no daemon of that name. */
export class NotRunningError extends ProngError {
  constructor(name: string) {
    super('ERR_NOT_RUNNING', `${name} is not running`);
  }
}

/** What answered at the control socket, or came to it, isn't what it should be. */
export class ControlError extends ProngError {
  constructor(message: string) {
    super('ERR_CONTROL', message);
  }
}
