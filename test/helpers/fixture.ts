/** Runs the programs under test/fixtures. */
import { spawnSync } from 'node:child_process';

export interface Ran {
  stdout: string;
  stderr: string;
  code: number | null;
  signal: NodeJS.Signals | null;
}

/** `fixture('posix/wait', ['argument'])` runs test/fixtures/posix/wait.ts to its end. */
export function fixture(
  name: string,
  args: string[] = [],
  options: { env?: NodeJS.ProcessEnv; nodeArgs?: string[] } = {},
): Ran {
  const path = new URL(`../fixtures/${name}.js`, import.meta.url).pathname;
  const { stdout, stderr, status, signal } = spawnSync(
    process.execPath,
    [...(options.nodeArgs ?? []), path, ...args],
    { encoding: 'utf8', timeout: 60_000, env: { ...process.env, ...options.env } },
  );
  return { stdout, stderr, code: status, signal };
}
