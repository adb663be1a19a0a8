/** What a daemon can be asked to be, after PEP 3143's `DaemonContext`. */
import { resolve } from 'node:path';
import { signalNumber } from '../posix/signal-names.js';
import {
  checkBoolean,
  checkFunction,
  checkInteger,
  checkString,
  invalidType,
  invalidValue,
} from '../util/check.js';
import { checkName, pidfilePath, socketPath } from './paths.js';
import { Pidfile } from './pidfile.js';
import { checkIdentity } from './privileges.js';
import { checkTarget, type StreamTarget } from './standard-streams.js';

/** `null` ignores the signal, `'terminate'` ends the daemon with exit code 0. */
export type SignalAction = null | 'terminate' | ((signal: NodeJS.Signals) => void);

/** What `daemonize()` and `DaemonContext` take, named as in PEP 3143. */
export interface DaemonOptions {
  /** Gives the daemon a control socket and, without `pidfile`, a pidfile, both in the runtime directory. */
  name?: string;
  /** The path of the control socket; `false` for none. By default there is one where there is a `name`. */
  controlSocket?: string | false;
  pidfile?: string | Pidfile | null;
  /** `/` by default. Relative paths among the options are meant from where the program was started. */
  workingDirectory?: string;
  /** 0o022 by default: unlike in PEP 3143, a daemon doesn't make files that anybody may write to. */
  umask?: number;
  chrootDirectory?: string;
  /** A user by number or name, to become for good. */
  uid?: number | string;
  gid?: number | string;
  /** Whether the user's supplementary groups are taken on; true by default. Otherwise there are none. */
  initgroups?: boolean;
  /** Whether a crash leaves no core file, which could hold secrets; true by default. */
  preventCore?: boolean;
  /** Descriptors, or what has one, to stay open. The event loop's and prong's own always do. */
  filesPreserve?: (number | { fd: number })[];
  /** By default /dev/null. A file is appended to, and opened again on SIGHUP. */
  stdin?: StreamTarget;
  stdout?: StreamTarget;
  stderr?: StreamTarget;
  /** Added to the default: SIGTERM terminates; SIGTTIN, SIGTTOU and SIGTSTP are ignored. */
  signalMap?: Partial<Record<NodeJS.Signals, SignalAction>>;
  /** Whether to fork twice and leave the terminal; true by default. */
  detachProcess?: boolean;
  /**
   * Called in the daemon before it counts as ready. It is ready when it calls `ready()`, or, where the function takes no argument, when
   * what it returns is fulfilled. `true`: `daemonize()` doesn't wait, and the program calls `ready()` at its time.
   */
  onReady?: true | ((ready: () => void) => unknown);
}

export interface Settings
  extends Required<
    Omit<
      DaemonOptions,
      | 'chrootDirectory'
      | 'uid'
      | 'gid'
      | 'name'
      | 'onReady'
      | 'filesPreserve'
      | 'controlSocket'
      | 'pidfile'
      | 'stdin'
      | 'stdout'
      | 'stderr'
    >
  > {
  name: string | undefined;
  controlSocket: string | undefined;
  pidfile: Pidfile | undefined;
  chrootDirectory: string | undefined;
  uid: number | string | undefined;
  gid: number | string | undefined;
  filesPreserve: number[];
  streams: (StreamTarget | undefined)[];
  onReady: DaemonOptions['onReady'];
}

const DEFAULT_SIGNALS: Partial<Record<NodeJS.Signals, SignalAction>> = {
  SIGTERM: 'terminate',
  SIGTTIN: null,
  SIGTTOU: null,
  SIGTSTP: null,
};

function checkSignals(map: unknown): void {
  if (typeof map !== 'object' || map === null) throw invalidType('options.signalMap', 'an object', map);
  for (const [signal, action] of Object.entries(map)) {
    signalNumber(signal, 'options.signalMap');
    if (signal === 'SIGKILL' || signal === 'SIGSTOP') {
      throw invalidValue('options.signalMap', `can't have ${signal}, which no process can catch`, signal);
    }
    if (action !== null && action !== 'terminate' && typeof action !== 'function')
      throw invalidType(`options.signalMap.${signal}`, "a function, 'terminate' or null", action);
  }
}

function preserved(value: unknown): number[] {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) throw invalidType('options.filesPreserve', 'an array', value);
  return value.map((each: unknown) => {
    const fd = typeof each === 'object' && each !== null ? (each as { fd: unknown }).fd : each;
    checkInteger('options.filesPreserve', fd, 0);
    return fd;
  });
}

function pidfileOf(pidfile: unknown, name: string | undefined): Pidfile | undefined {
  if (pidfile === null) return undefined;
  if (pidfile === undefined) return name === undefined ? undefined : new Pidfile(pidfilePath(name));
  if (pidfile instanceof Pidfile) return pidfile;
  checkString('options.pidfile', pidfile);
  return new Pidfile(pidfile);
}

/** @throws before anything has happened */
export function checkOptions(options: unknown): Settings {
  if (typeof options !== 'object' || options === null) throw invalidType('options', 'an object', options);
  const given = options as DaemonOptions;
  const { name, workingDirectory = '/', umask = 0o022, chrootDirectory, onReady, controlSocket } = given;
  if (name !== undefined) checkName(name, 'options.name');
  checkString('options.workingDirectory', workingDirectory);
  checkInteger('options.umask', umask, 0, 0o777);
  if (chrootDirectory !== undefined) checkString('options.chrootDirectory', chrootDirectory);
  checkIdentity(given);
  const { preventCore = true, detachProcess = true, initgroups = true, signalMap = {} } = given;
  checkBoolean('options.preventCore', preventCore);
  checkBoolean('options.detachProcess', detachProcess);
  checkSignals(signalMap);
  for (const stream of ['stdin', 'stdout', 'stderr'] as const)
    checkTarget(`options.${stream}`, given[stream]);
  if (onReady !== undefined && onReady !== true) checkFunction('options.onReady', onReady);
  if (controlSocket !== undefined && controlSocket !== false)
    checkString('options.controlSocket', controlSocket);
  const ownSocket = name === undefined ? undefined : socketPath(name);
  return {
    name,
    controlSocket:
      controlSocket === false ? undefined : controlSocket === undefined ? ownSocket : resolve(controlSocket),
    pidfile: pidfileOf(given.pidfile, name),
    workingDirectory: chrootDirectory === undefined ? resolve(workingDirectory) : workingDirectory,
    umask,
    chrootDirectory: chrootDirectory === undefined ? undefined : resolve(chrootDirectory),
    uid: given.uid,
    gid: given.gid,
    initgroups,
    preventCore,
    detachProcess,
    signalMap: { ...DEFAULT_SIGNALS, ...signalMap },
    filesPreserve: preserved(given.filesPreserve),
    streams: [given.stdin, given.stdout, given.stderr],
    onReady,
  };
}
