/**
 * Loads the addon, or says why it can't be had. Each subsystem types its own part of the binding:
 * `nativePart<ForkBinding>('fork')`.
 */
import { join } from 'node:path';

type Loaded =
  | { binding: Record<string, unknown>; reason?: undefined }
  | { binding?: undefined; reason: string };

function load(): Loaded {
  if (process.env.PRONG_NATIVE === '0') {
    return { reason: 'the native addon is switched off by PRONG_NATIVE=0' };
  }
  try {
    const nodeGypBuild = require('node-gyp-build') as (dir: string) => Record<string, unknown>;
    return { binding: nodeGypBuild(join(__dirname, '..')) };
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    return {
      reason: `the native addon could not be loaded (${text}); run "npm rebuild prong" with a C++20 compiler installed`,
    };
  }
}

const loaded = load();

/** Why there is no addon; `undefined` where there is one. */
export const nativeReason: string | undefined = loaded.reason;

/** The part of the addon that `name` registered, or `undefined` without an addon. */
export function nativePart<T>(name: string): T | undefined {
  return loaded.binding?.[name] as T | undefined;
}

/** As `nativePart`, but throws `ENOTSUP` with the reason where there is no addon. */
export function requireNative<T>(name: string, what: string): T {
  const part = nativePart<T>(name);
  if (part === undefined) {
    const error = new Error(
      `ENOTSUP: ${what} needs the native addon: ${nativeReason}`,
    ) as NodeJS.ErrnoException;
    error.code = 'ENOTSUP';
    throw error;
  }
  return part;
}
