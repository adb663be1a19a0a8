/** Functions that run around every `fork()`. */
import { writeSync } from 'node:fs';
import { inspect } from 'node:util';
import { checkFunction, invalidType, invalidValue } from '../util/check.js';

/** What to call around a fork. */
export interface AtForkHooks {
  /** In the parent, before anything is copied. */
  before?: (() => void) | undefined;
  /** In the parent, after the copy, also where `fork()` fails. */
  afterInParent?: (() => void) | undefined;
  /** In the child, before `fork()` returns in it. */
  afterInChild?: (() => void) | undefined;
}

const STDERR = 2;
const NAMES = ['before', 'afterInParent', 'afterInChild'] as const;

const registered: AtForkHooks[] = [];
const internal: AtForkHooks[] = [];

/** As Python's unraisable exceptions. Written at once: what is only queued before a fork would appear on both sides. */
function report(name: string, error: unknown): void {
  try {
    writeSync(STDERR, `Exception ignored in the ${name} function of registerAtFork(): ${inspect(error)}\n`);
  } catch {
    // There is nobody to tell.
  }
}

function run(name: (typeof NAMES)[number], list: readonly AtForkHooks[]): void {
  for (const hooks of list) {
    const hook = hooks[name];
    if (hook === undefined) continue;
    try {
      Reflect.apply(hook, undefined, []);
    } catch (error) {
      report(name, error);
    }
  }
}

/**
 * Registers functions to be run at every `fork()`: `before` in reverse order of registration, the others in order. They
 * take nothing and must be synchronous. An exception in one is reported on stderr, and neither
 * the others nor the fork are kept from going on. There is no way to take a registration back.
 *
 * @throws `ERR_INVALID_ARG_TYPE`, and `ERR_INVALID_ARG_VALUE` where no function is given
 * @see Python's `os.register_at_fork`
 */
export function registerAtFork(hooks: AtForkHooks): void {
  if (typeof hooks !== 'object' || hooks === null) throw invalidType('hooks', 'an object', hooks);
  const { before, afterInParent, afterInChild } = hooks;
  const copy: AtForkHooks = { before, afterInParent, afterInChild };
  const given = NAMES.filter((name) => copy[name] !== undefined);
  for (const name of given) checkFunction(`hooks.${name}`, copy[name]);
  if (given.length === 0) throw invalidValue('hooks', `must have one of ${NAMES.join(', ')}`, hooks);
  registered.push(copy);
}

/** For parts of prong: theirs stand around the user's, so that these find prong in order on both sides. */
export function registerInternalAtFork(hooks: AtForkHooks): void {
  internal.push(hooks);
}

export function runBefore(): void {
  run('before', registered.toReversed());
  run('before', internal.toReversed());
}

export function runAfterInParent(): void {
  run('afterInParent', internal);
  run('afterInParent', registered);
}

export function runAfterInChild(): void {
  run('afterInChild', internal);
  run('afterInChild', registered);
}
