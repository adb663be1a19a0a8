import { spawn, spawnSync } from 'node:child_process';
import { benchProgram, benchSource } from './paths.js';
import type { Contender, Measure } from './types.js';

export interface ProgramOptions {
  env?: Record<string, string>;
  /** Flags of Node itself, for `nodeProgram`. */
  nodeFlags?: string[];
  /** In ms; a program that takes longer is killed and fails the run. */
  timeout?: number;
}

function findPython(): string | undefined {
  return spawnSync('python3', ['--version'], { stdio: 'ignore' }).status === 0 ? 'python3' : undefined;
}

/** The Python to compare with, or `undefined` where there is none. */
export const python: string | undefined = findPython();

/**
 * Runs a program of its own as a sample: it must end with exit code 0, and the last line it prints is the number.
 * Nothing else of its output is looked at.
 */
export function program(command: readonly string[], options: ProgramOptions = {}): Measure {
  return () =>
    new Promise((resolve, reject) => {
      const [file, ...args] = command;
      const child = spawn(file!, args, {
        stdio: ['ignore', 'pipe', 'inherit'],
        env: { ...process.env, ...options.env },
        timeout: options.timeout ?? 120_000,
        killSignal: 'SIGKILL',
      });
      let output = '';
      child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
        output += chunk;
      });
      child.on('error', reject);
      child.on('close', (code, signal) => {
        const last = output.trimEnd().split('\n').at(-1) ?? '';
        if (code === 0 && last !== '') resolve(Number(last));
        else reject(new Error(`${command.join(' ')} ended with ${signal ?? code} and printed: ${output}`));
      });
    });
}

/** A compiled program of bench/ under this Node: `nodeProgram('fork/child', ['60'])`. */
export function nodeProgram(
  path: string,
  args: readonly string[] = [],
  options: ProgramOptions = {},
): Measure {
  return program([process.execPath, ...(options.nodeFlags ?? []), benchProgram(path), ...args], options);
}

/** A contender that is a Python program of bench/; listed as missing where there is no python3. */
export function pythonContender(
  name: string,
  path: string,
  args: readonly string[] = [],
  options: ProgramOptions = {},
): Contender {
  if (python === undefined) return { name, missing: 'no python3 here' };
  return { name, measure: program([python, benchSource(path), ...args], options) };
}
