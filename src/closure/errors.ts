import { ProngError } from '../errors.js';

/** Says where a captured value was found; filled in as a capture walks from the target outwards. */
export interface CapturePlace {
  /** The variable and the way into it: `config.socket`. */
  variable?: string;
  /** The function that uses the variable. */
  functionName?: string;
  /** Where that function stands: `file:///app.js:10:5`. */
  location?: string;
}

/**
 * A function can't be taken to another thread or process: `variable` (used by `functionName`, at `location`) holds
 * something that exists only here. Code `ERR_CLOSURE`.
 */
export class ClosureError extends ProngError {
  readonly variable?: string;
  readonly functionName?: string;
  readonly location?: string;

  constructor(reason: string, place: CapturePlace = {}) {
    const { variable, functionName, location } = place;
    const user = functionName === undefined ? 'the function' : `function '${functionName}'`;
    const subject = variable === undefined ? user : `variable '${variable}' of ${user}`;
    const at = location === undefined ? '' : ` (captured at ${location})`;
    super('ERR_CLOSURE', `${subject} can't travel: ${reason}${at}`);
    this.variable = variable;
    this.functionName = functionName;
    this.location = location;
  }
}
