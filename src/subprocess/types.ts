/** The options of `prong/subprocess`. */
import type { Readable, Writable } from 'node:stream';

/** A command: a program and its arguments, or one string (the program's name; with `shell`, a shell's line). */
export type Command = string | readonly string[];

/** Anything with a descriptor: a `FileHandle`, a file, a socket. */
export interface HasFd {
  readonly fd: number;
}

/** `PIPE`, `DEVNULL`, `STDOUT` (for `stderr`), a descriptor, something that has one, a Node stream, `null` to inherit. */
export type StdioOption = number | null | undefined | HasFd | Readable | Writable;

/** A piece of input. */
export type Chunk = string | ArrayBuffer | SharedArrayBuffer | NodeJS.ArrayBufferView;

/** What can be written to a program: a string, bytes, a stream, an iterable of them, sync or async. */
export type Input = Chunk | Iterable<Chunk> | AsyncIterable<Chunk>;

/** How a program is started. */
export interface PopenOptions {
  stdin?: StdioOption;
  stdout?: StdioOption;
  stderr?: StdioOption;
  /** Run the command by /bin/sh, or by the shell named here. */
  shell?: boolean | string;
  /** Where the program runs. */
  cwd?: string | URL;
  /** The program's whole environment; without it, the parent's. A value of `undefined` leaves the name out. */
  env?: Record<string, string | number | boolean | undefined>;
  /** Written to the program's stdin, which is a pipe then. */
  input?: Input;
  /** Output as strings of this encoding, input too. */
  encoding?: BufferEncoding | 'buffer' | null;
  /** Output as strings, UTF-8 unless `encoding` says otherwise, with line endings as '\n'. */
  text?: boolean;
  /** Python's older name of `text`. */
  universalNewlines?: boolean;
  /** What becomes of bytes that are not valid UTF-8: 'replace' (the default), or 'strict', which throws. */
  errors?: 'strict' | 'replace';
  /** Bytes that the streams of this object hold at most before they wait for their reader. */
  bufsize?: number;
  /** The file to run in place of `args[0]`, which stays the name that the program sees; with `shell`, the shell. */
  executable?: string;
  /** Runs in the child between fork and exec, and must be synchronous. Makes this a real fork. */
  preexecFn?: () => void;
  /** Close all descriptors but 0, 1, 2 and `passFds` in the child. Default true. */
  closeFds?: boolean;
  /** Descriptors that the program keeps, under the same numbers. */
  passFds?: readonly number[];
  /** Run in a new session (setsid). */
  startNewSession?: boolean;
  /** Run in this process group, 0 for one of its own. */
  processGroup?: number | null;
  user?: string | number | null;
  group?: string | number | null;
  extraGroups?: readonly (string | number)[] | null;
  /** The program's umask; -1 leaves it. */
  umask?: number;
  /** Bytes that each pipe can hold. */
  pipesize?: number;
  /** Give SIGPIPE and SIGXFSZ, which Node ignores, their usual effect in the program. Default true. */
  restoreSignals?: boolean;
  /** Make the program the parent of orphans below it (PR_SET_CHILD_SUBREAPER), so that `killTree` finds them all. */
  trackOrphans?: boolean;
  /** Aborting kills the program and everything it started. */
  signal?: AbortSignal;
  /** The longest output in bytes that is collected; more kills the program. No limit by default. */
  maxBuffer?: number;
}

/** How long to wait. */
export interface WaitOptions {
  /** Milliseconds; for ever if not given. */
  timeout?: number;
}

/** How a program is started, and how long it may take. */
export interface CallOptions extends PopenOptions, WaitOptions {}

/** How a program is started, how long it may take, and what becomes of its output and exit code. */
export interface RunOptions extends CallOptions {
  /** Collect `stdout` and `stderr`. */
  captureOutput?: boolean;
  /** Throw `CalledProcessError` unless the program ends with 0. */
  check?: boolean;
}

/** As for `run`; output is collected and the exit code checked anyway. */
export type CheckOutputOptions = Omit<RunOptions, 'stdout' | 'captureOutput' | 'check'>;
