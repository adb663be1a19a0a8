/**
 * Where Node goes with an exception that nobody caught, and the way out of the asynchronous contexts that it takes then. A
 * Process's child leaves both its parent's contexts and what its parent does with exceptions.
 */
import type * as Inspect from '../../closure/inspect.js';

interface ExceptionState {
  captureFn: ((error: unknown) => void) | null;
  /** From Node 26 on. */
  auxiliaryCallbacks?: unknown[];
}

interface Insides {
  _fatalException?(error: Error): boolean;
  domain?: { exit(): void } | null;
}

const node = process as unknown as Insides;
let state: ExceptionState | undefined;

/** In the parent, before the first fork. The reason where it can't be found. */
export function findExceptionState(): string | undefined {
  if (state !== undefined) return undefined;
  try {
    const { Inspector } = require('../../closure/inspect.js') as typeof Inspect;
    const inspector = new Inspector();
    try {
      for (const { object } of inspector.inspect(node._fatalException).scopes) {
        const found = object.exceptionHandlerState as ExceptionState | undefined;
        if (typeof found === 'object' && 'captureFn' in found) state = found;
      }
    } finally {
      inspector.close();
    }
  } catch {
    // As if it were not there.
  }
  return state === undefined ? "Node's handling of exceptions could not be found" : undefined;
}

/** In the child: a domain is its parent's way of hearing of errors. */
export function leaveDomains(): void {
  for (let domain = node.domain; domain; ) {
    domain.exit();
    domain = node.domain === domain ? undefined : node.domain;
  }
}

/** In the child, once no listener of the parent's is left. */
export function leaveAsyncContexts(): void {
  leaveDomains();
  const own = state as ExceptionState;
  // Node's own way out of them is the one after an exception.
  own.captureFn = () => {};
  node._fatalException?.(new Error());
  own.captureFn = null;
  if (own.auxiliaryCallbacks !== undefined) own.auxiliaryCallbacks.length = 0;
}
