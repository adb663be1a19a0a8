import { dirname } from 'node:path';
import { notSupported, ProngError } from '../errors.js';
import { forkCapability } from '../posix/fork.js';
import { RLIMIT_CORE, setrlimit } from '../posix/limits.js';
import { openFileStreams } from '../posix/repair/file-streams.js';
import { umask } from '../posix/umask.js';
import { type Answer, ControlServer } from './control-server.js';
import { AlreadyRunningError } from './errors.js';
import { drainOutput, type Launch, launch } from './launch.js';
import { native, system } from './native.js';
import { checkOptions, type DaemonOptions, type Settings, type SignalAction } from './options.js';
import { checkSocketPath, privateDirectory, runtimeDirectory } from './paths.js';
import { become, findIdentity } from './privileges.js';
import { StandardStreams } from './standard-streams.js';

let current: DaemonContext | undefined;

/**
 * Lets the program become a daemon, and takes back on `close()` what that made: the pidfile, the control socket, the
 * signal handlers. After PEP 3143.
 */
export class DaemonContext {
  readonly #settings: Settings;
  readonly #streams = new StandardStreams();
  readonly #handlers: [NodeJS.Signals, (signal: NodeJS.Signals) => void][] = [];
  #launch: Launch | undefined;
  #control: ControlServer | undefined;
  #isOpen = false;
  #opening = false;
  #since = 0;
  #pid = 0;
  #isReady: (() => void) | undefined;
  readonly #readiness = new Promise<void>((resolve) => {
    this.#isReady = resolve;
  });
  readonly #atExit = () => this.close();

  /** @internal Runs in the original process, synchronously, before it ends. */
  settled: ((code: number) => void) | undefined;

  /** @internal What else `ping` reports, or instead, where the daemon only looks after another process. */
  describe: (() => Answer) | undefined;

  /** What `ping` and `status` report: `'starting'`, `'running'`, or whatever the program puts here. */
  status = 'starting';

  /** @throws `TypeError`, `RangeError` for wrong options */
  constructor(options: DaemonOptions = {}) {
    this.#settings = checkOptions(options);
  }

  /** Whether this process is the daemon, and has not closed it. */
  get isOpen(): boolean {
    return this.#isOpen && process.pid === this.#pid;
  }

  /** The name that `prong status` and `stop` know it by; `undefined` where none was given. */
  get name(): string | undefined {
    return this.#settings.name;
  }

  /** The process it belongs to: the daemon once it is open. */
  get pid(): number {
    return this.#pid;
  }

  /**
   * See `daemonize`. Does nothing where it is open.
   *
   * @throws `ENOTSUP`, `AlreadyRunningError`, and what the system says about a directory, a file or a user
   */
  async open(): Promise<this> {
    if (this.isOpen) return this;
    if (this.#opening) throw new ProngError('ERR_DAEMON_STATE', 'this daemon is being opened');
    this.#opening = true;
    try {
      await this.#open();
    } catch (error) {
      this.close();
      throw error;
    } finally {
      this.#opening = false;
    }
    return this;
  }

  async #open(): Promise<void> {
    const settings = this.#settings;
    const { grade, reason } = forkCapability();
    if (grade === false || native === undefined)
      throw notSupported('daemonize()', reason ?? 'no native addon');
    this.#lookFirst();
    if (settings.detachProcess) {
      await drainOutput();
      this.#launch = launch(this.settled);
    }
    this.#pid = process.pid;
    this.#since = performance.now();
    process.on('exit', this.#atExit);
    const identity = findIdentity(settings.uid, settings.gid);
    if (settings.detachProcess) this.#closeDescriptors();
    if (settings.preventCore) setrlimit(RLIMIT_CORE, [0, 0]);
    umask(settings.umask);
    const opened = this.#streams.open(settings.streams);
    settings.pidfile?.acquire();
    await this.#listen();
    if (identity !== undefined) {
      StandardStreams.give(opened, identity.uid, identity.gid);
      settings.pidfile?.giveTo(identity.uid, identity.gid);
      this.#control?.giveTo(identity.uid, identity.gid);
    }
    if (settings.chrootDirectory !== undefined) {
      system('daemonize()').changeRoot(settings.chrootDirectory);
      process.chdir('/');
    }
    process.chdir(settings.workingDirectory);
    if (identity !== undefined) become(identity, settings.initgroups);
    this.#streams.install(opened, (text) => this.#launch?.tell(text));
    this.#handleSignals();
    this.#isOpen = true;
    current = this;
    await this.#becomeReady();
  }

  /** What would fail in any case had better fail where the program was started. */
  #lookFirst(): void {
    const { pidfile, controlSocket, name } = this.#settings;
    if (controlSocket !== undefined) checkSocketPath(controlSocket);
    const runtime = runtimeDirectory();
    const files = [pidfile?.path, controlSocket].filter((path) => path !== undefined);
    if (files.some((path) => dirname(path) === runtime)) privateDirectory(runtime);
    const holder = pidfile?.holder();
    if (holder !== undefined) throw new AlreadyRunningError(name ?? pidfile!.path, holder);
    findIdentity(this.#settings.uid, this.#settings.gid);
  }

  #closeDescriptors(): void {
    const { filesPreserve, streams } = this.#settings;
    const targets = streams.map((target) =>
      typeof target === 'object' && target !== null ? target.fd : target,
    );
    const writing = openFileStreams().map((stream) => (stream as unknown as { fd: unknown }).fd);
    const keep = [...filesPreserve, ...targets, ...writing, ...(this.#launch?.descriptors ?? [])];
    system('daemonize()').closeOthers(
      3,
      keep.filter((fd) => typeof fd === 'number'),
    );
  }

  async #listen(): Promise<void> {
    const path = this.#settings.controlSocket;
    if (path === undefined) return;
    this.#control = await ControlServer.listen(path, {
      ping: () => this.#report(),
      status: () => ({
        ...this.#report(),
        name: this.#settings.name ?? null,
        startedAt: new Date(Date.now() - this.#uptime()).toISOString(),
        node: process.version,
        pidfile: this.#settings.pidfile?.path ?? null,
        title: process.title,
      }),
      reload: () => {
        this.#reload('SIGHUP');
        return {};
      },
      stop: () => {
        this.status = 'stopping';
        // By the signal, so that the program's own handlers see it; after the answer is on its way.
        setTimeout(() => process.kill(process.pid, 'SIGTERM'), 1);
        return { pid: process.pid };
      },
    });
  }

  #uptime = (): number => performance.now() - this.#since;

  #report(): Answer {
    let pss: number | undefined;
    try {
      pss = native?.memoryOf(process.pid)[0];
    } catch {
      // Not where /proc is out of sight.
    }
    const memory = { ...process.memoryUsage(), pss };
    return { pid: process.pid, uptime: this.#uptime(), memory, status: this.status, ...this.describe?.() };
  }

  #reload(signal: NodeJS.Signals): void {
    this.#streams.reopen();
    for (const listener of process.listeners(signal))
      if (listener !== this.#hangup) (listener as (signal: NodeJS.Signals) => void)(signal);
  }

  readonly #hangup = () => {
    if (this.isOpen) this.#streams.reopen();
  };

  #on(signal: NodeJS.Signals, handler: (signal: NodeJS.Signals) => void): void {
    process.on(signal, handler);
    this.#handlers.push([signal, handler]);
  }

  #handleSignals(): void {
    this.#on('SIGHUP', this.#hangup);
    for (const [signal, action] of Object.entries(this.#settings.signalMap) as [
      NodeJS.Signals,
      SignalAction,
    ][]) {
      this.#on(signal, action === null ? () => {} : action === 'terminate' ? this.#terminate : action);
    }
  }

  /** A program with a handler of its own ends by itself. */
  readonly #terminate = (signal: NodeJS.Signals) => {
    if (process.listenerCount(signal) === 1) process.exit(0);
  };

  /** Tells whoever started the daemon that it is at work. Only the first call counts. */
  ready(): void {
    if (this.#isReady === undefined) return;
    if (this.status === 'starting') this.status = 'running';
    this.#launch?.ready();
    this.#isReady();
    this.#isReady = undefined;
  }

  async #becomeReady(): Promise<void> {
    const { onReady } = this.#settings;
    if (onReady === true) return;
    if (onReady !== undefined) {
      const returned = Promise.resolve(onReady(() => this.ready()));
      if (onReady.length === 0) await Promise.race([returned, this.#readiness]);
      else await Promise.race([returned.then(() => this.#readiness), this.#readiness]);
    }
    this.ready();
    await this.#launch?.alone();
  }

  /** Removes the pidfile and the control socket and takes the signal handlers back. Runs by itself at the end. */
  close(): void {
    process.off('exit', this.#atExit);
    if (process.pid !== this.#pid) return;
    for (const [signal, handler] of this.#handlers.splice(0)) process.off(signal, handler);
    this.#control?.close();
    this.#control = undefined;
    this.#settings.pidfile?.release();
    this.#isOpen = false;
    if (current === this) current = undefined;
  }

  /** `close()`. */
  [Symbol.dispose](): void {
    this.close();
  }

  /** `close()`. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.close();
  }
}

/**
 * Lets this program become a daemon by a double fork: what is loaded stays loaded, and the program goes on in a process that
 * belongs to init, leads no session and can never get a terminal. The original process waits until the daemon is
 * ready and ends with exit code 0, or, with what the daemon said on stderr, with its code; its `exit` listeners don't run.
 *
 * @returns in the daemon only
 * @throws `AlreadyRunningError` with the pid of the one that runs, `ENOTSUP` where `fork()` doesn't work,
 * `ENAMETOOLONG` for the control socket's path, and what the system says. What can be known beforehand is
 * thrown in the original process, the rest in the daemon
 * @see https://peps.python.org/pep-3143/
 */
export async function daemonize(options: DaemonOptions = {}): Promise<DaemonContext> {
  return await new DaemonContext(options).open();
}

/**
 * Tells whoever started this daemon that it is ready, where `onReady` left that to the program. Without a daemon it
 * does nothing.
 */
export function ready(): void {
  current?.ready();
}
