/** Directories of their own for daemons' files, and a way to see that nothing is left. */
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ExecutionContext } from 'ava';
import { processesOf } from './processes.js';
import { compiled, type ProgramResult, runProgram } from './program.js';

export interface Place {
  directory: string;
  env: NodeJS.ProcessEnv;
  run(fixture: string, args?: string[]): Promise<ProgramResult>;
  cli(...args: string[]): Promise<ProgramResult>;
}

const cliPath = compiled('../dist/cli/index.js');

/** Runs a test with XDG directories of its own; whatever it has started must be gone afterwards. */
export async function inPlace(t: ExecutionContext, body: (place: Place) => Promise<void>): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'prong-d-'));
  const mark = `PRONG_TEST_RUN=${directory}`;
  const env = {
    XDG_RUNTIME_DIR: join(directory, 'run'),
    XDG_STATE_HOME: join(directory, 'state'),
    PRONG_TEST_RUN: directory,
    PRONG_TEST_DIRECTORY: directory,
    NODE_NO_WARNINGS: '1',
    NODE_OPTIONS: '',
  };
  mkdirSync(env.XDG_RUNTIME_DIR, { mode: 0o700 });
  const node = (path: string, args: string[]) => runProgram(process.execPath, [path, ...args], env);
  const left = () => processesOf(-1, mark);
  try {
    await body({
      directory,
      env,
      run: (fixture, args = []) => node(compiled(`test/fixtures/${fixture}.js`), args),
      cli: (...args) => {
        // A machine under load is no reason to give up.
        const asks = ['ping', 'status', 'list', 'stop', 'restart'].includes(args[0] ?? '');
        return node(cliPath, asks ? [args[0]!, '--timeout', '60000', ...args.slice(1)] : args);
      },
    });
    const end = Date.now() + 30_000;
    while (left().length > 0 && Date.now() < end) await new Promise((resolve) => setTimeout(resolve, 10));
    t.deepEqual(left(), [], 'processes left');
    const runtime = join(env.XDG_RUNTIME_DIR, 'prong');
    t.deepEqual(readdirSync(env.XDG_RUNTIME_DIR).length === 0 ? [] : readdirSync(runtime), [], 'files left');
  } finally {
    for (const { pid } of left()) {
      try {
        process.kill(pid, 'SIGKILL');
      } catch {
        // Gone meanwhile.
      }
    }
    rmSync(directory, { recursive: true, force: true });
  }
}
