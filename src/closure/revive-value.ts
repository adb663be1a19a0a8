import { Reviver } from './revive.js';
import type { SerializedClosure } from './types.js';

// biome-ignore lint/complexity/noBannedTypes: any function at all
type AnyFunction = Function;

/**
 * Puts together what `captureValue` took apart; ES modules that it imports are loaded first. `origins` are those of the
 * capture that the other side named in `returnTo`.
 */
export async function reviveValue(
  data: SerializedClosure,
  origins?: ReadonlyMap<number, object>,
): Promise<unknown> {
  const reviver = new Reviver(data, origins);
  if (reviver.needsImports) await reviver.load();
  return reviver.revive();
}

/** As `reviveValue`, at once; throws `ClosureError` where an ES module has to be loaded and can't be at once. */
export function reviveValueSync(data: SerializedClosure, origins?: ReadonlyMap<number, object>): unknown {
  return new Reviver(data, origins).revive();
}

/** Puts together what `captureFunction` took apart. */
export async function reviveFunction(data: SerializedClosure): Promise<AnyFunction> {
  return (await reviveValue(data)) as AnyFunction;
}

/** As `reviveFunction`, at once; see `reviveValueSync`. */
export function reviveFunctionSync(data: SerializedClosure): AnyFunction {
  return reviveValueSync(data) as AnyFunction;
}
