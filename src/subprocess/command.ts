/** From what the caller gave as a command to a file and an argument vector. */
import { checkString, invalidType, invalidValue } from '../util/check.js';
import type { Command, PopenOptions } from './types.js';

export interface ResolvedCommand {
  file: string;
  argv: string[];
}

function checkArguments(args: unknown): string[] {
  if (typeof args === 'string') {
    checkString('args', args);
    return [args];
  }
  if (!Array.isArray(args)) throw invalidType('args', 'a string or an array of strings', args);
  for (let i = 0; i < args.length; i += 1) checkString(`args[${i}]`, args[i]);
  return args.slice();
}

/** Resolves `args`, `shell` and `executable` as Python's Popen on POSIX does. */
export function resolveCommand(args: Command, options: PopenOptions): ResolvedCommand {
  let argv = checkArguments(args);
  if (argv.length === 0) throw invalidValue('args', 'must not be empty', args);
  const { shell, executable } = options;
  if (executable !== undefined && executable !== null) checkString('options.executable', executable);
  if (shell !== undefined && typeof shell !== 'boolean') checkString('options.shell', shell);
  if (shell) {
    const program = executable ?? (typeof shell === 'string' ? shell : '/bin/sh');
    argv = [program, '-c', ...argv];
  }
  const file = executable ?? argv[0]!;
  if (file === '') throw invalidValue('args', 'must name a program', args);
  return { file, argv };
}

/**
 * Joins arguments into one command line by the rules of Microsoft's C library, as Python's `subprocess.list2cmdline`.
 * @param args strings
 * @throws ERR_INVALID_ARG_TYPE
 */
export function list2cmdline(args: readonly string[]): string {
  if (!Array.isArray(args)) throw invalidType('args', 'an array of strings', args);
  return args
    .map((arg: unknown, i: number) => {
      if (typeof arg !== 'string') throw invalidType(`args[${i}]`, 'of type string', arg);
      // Backslashes are doubled before a quote, and at the end of what will be quoted.
      const escaped = arg.replace(/(\\*)"/g, '$1$1\\"');
      return arg === '' || /[ \t]/.test(arg) ? `"${escaped.replace(/(\\+)$/, '$1$1')}"` : escaped;
    })
    .join(' ');
}
