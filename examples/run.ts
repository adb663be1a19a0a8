import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

export interface Outcome {
  output: string;
  /** Exit code or signal where it isn't 0, or why it could not start. */
  failure: string | undefined;
}

// This file runs as .build/examples/run.js.
const examples = fileURLToPath(new URL('../../examples/', import.meta.url));
const compiled = fileURLToPath(new URL('./', import.meta.url));

/** Runs a program to its end, which is when nothing it started holds its output open any more. */
function run(command: string, args: string[]): Promise<Outcome> {
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      cwd: examples,
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: 60_000,
      killSignal: 'SIGKILL',
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        output += text;
      });
    }
    child.on('error', ({ message }) => resolve({ output, failure: message }));
    child.on('close', (code, signal) => {
      resolve({ output, failure: code === 0 ? undefined : `ended with ${signal ?? `exit code ${code}`}` });
    });
  });
}

export function runExample(file: string): Promise<Outcome> {
  return run(process.execPath, ['--enable-source-maps', `${compiled}${file}.js`]);
}

/** As on a terminal: a line is one write, and nothing waits in a buffer that a fork would copy. (Unbuffered, which the
 * environment may ask for, Python writes a line's text and its end apart, and two processes' lines mix.) */
const byLines = [
  'import runpy, sys',
  'sys.stdout.reconfigure(line_buffering=True)',
  'sys.argv = sys.argv[1:]',
  "runpy.run_path(sys.argv[0], run_name='__main__')",
].join('\n');

/** The same with python3; `undefined` where there is none. */
export async function runPython(file: string): Promise<Outcome | undefined> {
  const outcome = await run('python3', ['-E', '-X', 'utf8', '-c', byLines, `${examples}python/${file}`]);
  return outcome.failure?.includes('ENOENT') ? undefined : outcome;
}
