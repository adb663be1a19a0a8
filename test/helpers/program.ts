/** Runs fixture programs and examples as a user would. */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

export interface ProgramResult {
  code: number | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
}

/** The path of a compiled file: `compiled('test/fixtures/threading/join-sync.js')`. */
export function compiled(path: string): string {
  return fileURLToPath(new URL(`../../${path}`, import.meta.url));
}

/** The path of a file as it lies in the repository. */
export function source(path: string): string {
  return fileURLToPath(new URL(`../../../${path}`, import.meta.url));
}

export function runProgram(
  file: string,
  args: string[] = [],
  env: NodeJS.ProcessEnv = {},
): Promise<ProgramResult> {
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      stdout += chunk;
    });
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
      stderr += chunk;
    });
    child.on('error', reject);
    child.on('close', (code, signal) => resolve({ code, signal, stdout, stderr }));
  });
}

export const runNode = (path: string, args: string[] = [], env?: NodeJS.ProcessEnv): Promise<ProgramResult> =>
  runProgram(process.execPath, [...args, compiled(path)], env);

export const runPython = (path: string, args: string[] = []): Promise<ProgramResult> =>
  runProgram('python3', [source(path), ...args]);
