/** Runs the steps of an authentication over a connection, and closes it where they fail. */
import { TimeoutError } from '../../errors.js';
import { LONGEST, type Steps } from './authenticate.js';
import type { Connection } from './connection.js';
import { AuthenticationError } from './errors.js';

/** Ms that somebody who connects has by default to prove itself. */
export const HANDSHAKE_TIMEOUT = 10_000;

function failed(error: unknown, limited: boolean): unknown {
  const { code } = error as { code?: string };
  if (code === 'EMSGSIZE' || code === 'EBADMSG') {
    return new AuthenticationError('the other side does not speak the protocol', { cause: error });
  }
  if (error instanceof TimeoutError && limited) {
    return new AuthenticationError('the other side did not authenticate itself in time', { cause: error });
  }
  return error;
}

/** `limited`: the time is the handshake's own, not what the caller asked for. */
export async function shake(
  connection: Connection,
  steps: Steps,
  ms: number,
  limited: boolean,
): Promise<void> {
  const deadline = performance.now() + ms;
  const left = () => ({ timeout: Math.max(0, deadline - performance.now()) });
  try {
    for (let step = steps.next(); !step.done; ) {
      if (step.value === undefined)
        step = steps.next(await connection.recvBytes({ maxlength: LONGEST, ...left() }));
      else step = steps.next((await connection.sendBytes(step.value, left())) as never);
    }
  } catch (error) {
    connection.close();
    throw failed(error, limited);
  }
}

export function shakeSync(connection: Connection, steps: Steps, ms: number, limited: boolean): void {
  const deadline = performance.now() + ms;
  const left = () => ({ timeout: Math.max(0, deadline - performance.now()) });
  try {
    for (let step = steps.next(); !step.done; ) {
      if (step.value === undefined)
        step = steps.next(connection.recvBytesSync({ maxlength: LONGEST, ...left() }));
      else step = steps.next(connection.sendBytesSync(step.value, left()) as never);
    }
  } catch (error) {
    connection.close();
    throw failed(error, limited);
  }
}
