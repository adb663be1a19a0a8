/** The output of a shell's line. Source: CPython's `subprocess.getoutput` and `getstatusoutput`. */
import { checkString } from '../util/check.js';
import { PIPE, STDOUT } from './constants.js';
import { run } from './run.js';
import { runSync } from './run-sync.js';
import type { RunOptions } from './types.js';

/** How to read what the shell printed. */
export interface ShellOutputOptions {
  encoding?: BufferEncoding;
  errors?: 'strict' | 'replace';
  timeout?: number;
}

function prepare(cmd: string, options: ShellOutputOptions): RunOptions & { text: true } {
  checkString('cmd', cmd);
  return { ...options, shell: true, text: true, stdout: PIPE, stderr: STDOUT };
}

const chop = (text: string) => (text.endsWith('\n') ? text.slice(0, -1) : text);

/**
 * Runs a line in a shell.
 * @returns `[returncode, output]`: stdout and stderr together, without the last line ending
 * @throws as `run`
 */
export async function getstatusoutput(
  cmd: string,
  options: ShellOutputOptions = {},
): Promise<[number, string]> {
  const { returncode, stdout } = await run(cmd, prepare(cmd, options));
  return [returncode, chop(stdout)];
}

/** As `getstatusoutput`, but only the output. */
export async function getoutput(cmd: string, options: ShellOutputOptions = {}): Promise<string> {
  return (await getstatusoutput(cmd, options))[1];
}

/** As `getstatusoutput`, but blocks the thread. */
export function getstatusoutputSync(cmd: string, options: ShellOutputOptions = {}): [number, string] {
  const { returncode, stdout } = runSync(cmd, prepare(cmd, options));
  return [returncode, chop(stdout)];
}

/** As `getoutput`, but blocks the thread. */
export function getoutputSync(cmd: string, options: ShellOutputOptions = {}): string {
  return getstatusoutputSync(cmd, options)[1];
}
