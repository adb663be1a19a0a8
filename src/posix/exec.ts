/** Replacing this process. */
import { isMainThread } from 'node:worker_threads';
import { requireNative } from '../binding.js';
import { checkString, invalidType, invalidValue } from '../util/check.js';

interface ExecBinding {
  exec(file: string, candidates: string[], argv: string[], env: string[] | undefined): never;
}

// Where there is no PATH; Python's os.defpath.
const DEFAULT_PATH = '/bin:/usr/bin';

function checkArgs(args: unknown): asserts args is string[] {
  if (!Array.isArray(args)) throw invalidType('args', 'an array of strings', args);
  if (args.length === 0)
    throw invalidValue('args', 'must not be empty: the first is the name of the program', args);
  args.forEach((arg, i) => {
    checkString(`args[${i}]`, arg);
  });
}

function environment(env: unknown): string[] {
  if (typeof env !== 'object' || env === null) throw invalidType('env', 'an object', env);
  const entries: string[] = [];
  for (const [name, value] of Object.entries(env)) {
    if (value === undefined) continue;
    checkString(`env.${name}`, value);
    checkString('env', name);
    if (name === '' || name.includes('=')) throw invalidValue('env', "must have names without '='", name);
    entries.push(`${name}=${value}`);
  }
  return entries;
}

/** The main thread's `process.env` is the system's own; a Worker's is a copy. */
function ownEnvironment(): string[] | undefined {
  return isMainThread ? undefined : environment(process.env);
}

function candidates(file: string, searchPath: string | undefined): string[] {
  if (file.includes('/')) return [file];
  // An empty entry means the current directory.
  return (searchPath ?? DEFAULT_PATH)
    .split(':')
    .map((directory) => (directory === '' ? file : `${directory}/${file}`));
}

function exec(file: string, files: string[], args: string[], env: string[] | undefined, what: string): never {
  return requireNative<ExecBinding>('exec', what).exec(file, files, args, env);
}

/**
 * Replaces this process with the program at `path`, which keeps the pid, the directory, and the descriptors that are
 * inheritable: 0, 1, 2, and those made with `{ inheritable: true }`. No `exit` event, nothing flushed.
 *
 * The program finds what a fresh one expects: signals that Node ignores or handles at their defaults, none blocked,
 * blocking standard streams, a terminal that isn't raw. It returns only by throwing; then everything is put
 * back, and this process goes on unharmed.
 *
 * @param args the program's `argv`, its name first
 * @throws `ENOENT`, `EACCES`, `ENOEXEC`, `E2BIG` and the others of execve(2), with `path`
 * @see https://pubs.opengroup.org/onlinepubs/9799919799/functions/exec.html
 */
export function execv(path: string, args: readonly string[]): never {
  checkString('path', path);
  checkArgs(args);
  return exec(path, [path], args, ownEnvironment(), 'execv()');
}

/**
 * As `execv`, with another environment.
 *
 * @param env names to strings; what is `undefined` is left out
 */
export function execve(path: string, args: readonly string[], env: NodeJS.ProcessEnv): never {
  checkString('path', path);
  checkArgs(args);
  return exec(path, [path], args, environment(env), 'execve()');
}

/** As `execv`, but a `file` without a slash is looked for in `PATH`. */
export function execvp(file: string, args: readonly string[]): never {
  checkString('file', file);
  checkArgs(args);
  return exec(file, candidates(file, process.env.PATH), args, ownEnvironment(), 'execvp()');
}

/** As `execvp`, with another environment, whose `PATH` is the one that counts, as in Python. */
export function execvpe(file: string, args: readonly string[], env: NodeJS.ProcessEnv): never {
  checkString('file', file);
  checkArgs(args);
  const entries = environment(env);
  return exec(file, candidates(file, env.PATH), args, entries, 'execvpe()');
}
