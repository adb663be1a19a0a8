/** V8's `gc()`, which only a flag brings out: a context that is made while it is set has it. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

interface Request {
  type: 'major' | 'minor';
  execution?: 'sync';
  flavor?: 'regular' | 'last-resort';
}

type Collect = (request: Request) => void;

let found: Collect | undefined;
let ownContext = false;

/** Whether `collector()` has made a context that lives on. */
export function hasCollectorContext(): boolean {
  return ownContext;
}

export function collector(): Collect {
  if (found === undefined) {
    if (typeof globalThis.gc === 'function') {
      found = globalThis.gc as unknown as Collect;
    } else {
      setFlagsFromString('--expose-gc');
      found = runInNewContext('gc') as Collect;
      ownContext = true;
      setFlagsFromString('--no-expose-gc');
    }
  }
  return found;
}
