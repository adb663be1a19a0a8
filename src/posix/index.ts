/// <reference types="node" preserve="true" />
/// <reference lib="esnext.disposable" preserve="true" />
export type { InheritOptions } from './arguments.js';
export { type AtForkHooks, registerAtFork } from './at-fork.js';
export { type Capabilities, capabilities } from './capabilities.js';
export { cpuCount, schedGetaffinity, schedSetaffinity } from './cpus.js';
export { setpdeathsig } from './death-signal.js';
export { close, closerange, dup, dup2, pipe, read, write } from './descriptors.js';
export { execv, execve, execvp, execvpe } from './exec.js';
export { _exit } from './exit.js';
export { type ForkOptions, fork } from './fork.js';
export { warmup } from './heap/warmup.js';
export { getpgid, getpgrp, getpid, getppid, getsid, setpgid, setsid } from './identity.js';
export { kill, killpg } from './kill.js';
export * from './limits.js';
export { type LockOptions, Mutex, type MutexOptions } from './mutex.js';
export { getpriority, nice, PRIO_PGRP, PRIO_PROCESS, PRIO_USER, setpriority } from './priority.js';
export { ThreadLocal } from './thread-local.js';
export { umask } from './umask.js';
export { WCONTINUED, WNOHANG, WUNTRACED, wait, waitpid, waitpidSync, waitSync } from './wait.js';
export { type WaitResult, waitstatusToExitcode } from './wait-result.js';
