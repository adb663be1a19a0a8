/** Starting Node again, on a file of prong's. */
import { join } from 'node:path';
import { nativePart } from '../../binding.js';
import { DEVNULL, INHERIT } from '../../subprocess/constants.js';
import { packEnvironment, resolveEnvironment } from '../../subprocess/environment.js';
import { type SpawnBinding, SpawnFlag, type SpawnSpec } from '../../subprocess/native.js';
import { watching } from './native.js';

/** Flags of this process that are about its program, not about how Node runs. */
const NOT_PASSED =
  /^--?(e|p|pe|i|c|eval|print|interactive|check|input-type|inspect.*|test.*|watch.*|run)(=|$)/;
const WITH_VALUE = new Set(['-e', '-p', '-pe', '--eval', '--print', '--input-type', '--watch-path', '--run']);

/** This process's own flags, as they go to one more Node. */
export function nodeFlags(): string[] {
  const flags: string[] = [];
  for (let i = 0; i < process.execArgv.length; i++) {
    const flag = process.execArgv[i] as string;
    if (!NOT_PASSED.test(flag)) flags.push(flag);
    else if (WITH_VALUE.has(flag)) i++;
  }
  return flags;
}

export const entryFile = (name: string): string => join(__dirname, `${name}.js`);

export interface Started {
  pid: number;
  pidfd: number;
}

/** With the addon: `passFds` keep their numbers, and the arena goes along. */
export function startNode(file: string, args: string[], passFds: number[]): Started {
  const arena = nativePart<{ fd(): number }>('arena')?.fd() ?? -1;
  const env = { ...(resolveEnvironment(process.env) as Record<string, string>) };
  if (arena >= 0) env.PRONG_ARENA_FD = String(arena);
  const spec: SpawnSpec = {
    file: process.execPath,
    argv: `${[process.execPath, ...nodeFlags(), file, ...args].join('\0')}\0`,
    env: packEnvironment(env),
    stdin: DEVNULL,
    stdout: INHERIT,
    stderr: INHERIT,
    flags: SpawnFlag.closeFds | SpawnFlag.restoreSignals,
    passFds: arena >= 0 ? [...passFds, arena] : passFds,
  };
  const result = new Int32Array(5);
  (watching as SpawnBinding).start(spec, result);
  return { pid: result[0] as number, pidfd: result[1] as number };
}
