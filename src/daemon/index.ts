/// <reference types="node" preserve="true" />
/// <reference lib="esnext.disposable" preserve="true" />
export { DaemonContext, daemonize, ready } from './context.js';
export {
  type DaemonMemory,
  type PingResult,
  ping,
  reload,
  type StatusResult,
  type StopOptions,
  status,
  stop,
  type TimeoutOptions,
} from './control-client.js';
export { AlreadyRunningError, ControlError, NotRunningError } from './errors.js';
export type { DaemonOptions, SignalAction } from './options.js';
export { runtimeDirectory, stateDirectory } from './paths.js';
export { Pidfile } from './pidfile.js';
export type { StreamTarget } from './standard-streams.js';
export {
  type ListenDescriptor,
  listenFds,
  type NotifyOptions,
  sdNotify,
  startWatchdog,
  watchdogInterval,
} from './systemd.js';
