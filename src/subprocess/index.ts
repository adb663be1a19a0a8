/// <reference types="node" preserve="true" />
/// <reference lib="esnext.disposable" preserve="true" />
export type { OutputStream } from './child.js';
export { list2cmdline } from './command.js';
export { CompletedProcess } from './completed-process.js';
export { DEVNULL, PIPE, STDOUT } from './constants.js';
export {
  CalledProcessError,
  MaxBufferError,
  type Output,
  SubprocessError,
  TimeoutExpired,
} from './errors.js';
export type { LinesOptions } from './lines.js';
export { type Communicated, Popen } from './popen.js';
export { call, checkCall, checkOutput, run } from './run.js';
export { callSync, checkCallSync, checkOutputSync, runSync } from './run-sync.js';
export {
  getoutput,
  getoutputSync,
  getstatusoutput,
  getstatusoutputSync,
  type ShellOutputOptions,
} from './shell-output.js';
export type {
  CallOptions,
  CheckOutputOptions,
  Chunk,
  Command,
  HasFd,
  Input,
  PopenOptions,
  RunOptions,
  StdioOption,
  WaitOptions,
} from './types.js';
