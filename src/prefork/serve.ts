import { spawn } from 'node:child_process';
import { unlinkSync } from 'node:fs';
import { Socket } from 'node:net';
import { availableParallelism } from 'node:os';
import { native } from '../daemon/native.js';
import { notSupported, ProngError } from '../errors.js';
import { Process } from '../multiprocessing/index.js';
import { close, pipe } from '../posix/descriptors.js';
import { forkCapability } from '../posix/fork.js';
import { warmup } from '../posix/heap/warmup.js';
import { signalName } from '../posix/signal-names.js';
import { checkFunction, checkInteger, checkTimeout, invalidType } from '../util/check.js';
import { bindAll, INHERITED, type Shared } from './listen.js';
import type { ServeOptions, WorkerEvent, WorkerInfo } from './types.js';
import { GRACEFUL_TIMEOUT, runWorker } from './worker.js';

const MOST_WORKERS = 1024;
const FIRST_PAUSE = 50;
const LONGEST_PAUSE = 10_000;
/** A worker that lived this long didn't die of how it starts, in ms. */
const WELL = 5000;
const PREDECESSOR = 'PRONG_PREFORK_MASTER';

interface Worker {
  pid: number;
  index: number;
  since: number;
  heard: number;
  ready: boolean;
  ending: boolean;
  socket: Socket;
  gone: Promise<void>;
  /** Settles when it is ready, or is gone without. */
  settled: Promise<boolean>;
}

/** The master of a prefork server. */
export class Prefork {
  readonly #options: ServeOptions;
  readonly #shared: Shared[];
  readonly #workers = new Set<Worker>();
  readonly #handlers: [NodeJS.Signals, () => void][] = [];
  readonly #pid = process.pid;
  #count: number;
  #stopping: Promise<void> | undefined;
  #pause = FIRST_PAUSE;
  readonly #pauses = new Set<NodeJS.Timeout>();
  #watch: NodeJS.Timeout | undefined;
  #upgrading = false;
  /** Reloads and changes of the number, one after the other. */
  #changes: Promise<void> = Promise.resolve();
  #keepPaths = false;
  #finish: (() => void) | undefined;

  /** Resolves when the master has stopped. */
  readonly finished: Promise<void> = new Promise((resolve) => {
    this.#finish = resolve;
  });

  /** @internal */
  constructor(options: ServeOptions, shared: Shared[], count: number) {
    this.#options = options;
    this.#shared = shared;
    this.#count = count;
  }

  /** The ports that were bound, in the order of `listen`; `undefined` for a path. */
  get ports(): (number | undefined)[] {
    return this.#shared.map(({ port }) => port);
  }

  /** The first port. */
  get port(): number | undefined {
    return this.#shared[0]?.port;
  }

  /** The workers, with their memory. */
  get workers(): WorkerInfo[] {
    return [...this.#workers].map(({ pid, index, ready, since }) => {
      let memory: WorkerInfo['memory'];
      try {
        const [pss, own] = native!.memoryOf(pid);
        memory = { pss, private: own };
      } catch {
        // It has just ended.
      }
      return { pid, index, ready, uptime: performance.now() - since, memory };
    });
  }

  get #isWorker(): boolean {
    return process.pid !== this.#pid;
  }

  #report(event: WorkerEvent): void {
    this.#options.onWorker?.(event);
  }

  #start(index: number): Worker {
    const [hear, tell] = pipe();
    // Nothing of the master's own goes on in a Process: no timer, no connection.
    const child = new Process({
      name: `worker-${index}`,
      target: async () => {
        await runWorker(this.#options, { index, tell, master: this.#pid, shared: this.#shared });
        await new Promise(() => {});
      },
    });
    try {
      child.start();
    } catch (error) {
      close(hear);
      throw error;
    } finally {
      close(tell);
    }
    return this.#adopt(child, index, hear);
  }

  #adopt(child: Process, index: number, hear: number): Worker {
    const pid = child.pid as number;
    const socket = new Socket({ fd: hear, readable: true, writable: false });
    let settle = (_ready: boolean): void => {};
    const now = performance.now();
    const worker: Worker = {
      pid,
      index,
      since: now,
      heard: now,
      ready: false,
      ending: false,
      socket,
      gone: Promise.resolve(),
      settled: new Promise((resolve) => {
        settle = resolve;
      }),
    };
    socket.on('error', () => {});
    socket.on('data', (bytes) => {
      worker.heard = performance.now();
      if (worker.ready || !bytes.includes('R')) return;
      worker.ready = true;
      settle(true);
      this.#report({ type: 'ready', pid, index });
    });
    this.#workers.add(worker);
    worker.gone = child.join().then(() => {
      const code = child.exitcode ?? 0;
      const exitCode = code < 0 ? null : code;
      const signal = code < 0 ? signalName(-code) : null;
      child.close();
      this.#workers.delete(worker);
      socket.destroy();
      settle(false);
      this.#report({ type: 'ended', pid, index, exitCode, signal });
      if (!worker.ending) this.#replace(worker);
    });
    this.#report({ type: 'started', pid, index });
    return worker;
  }

  /** At once after a long life, and at growing intervals where they keep dying. */
  #replace({ since, ready }: Pick<Worker, 'since' | 'ready'>): void {
    const livedWell = ready && performance.now() - since > WELL;
    const pause = livedWell ? 0 : this.#pause;
    this.#pause = livedWell ? FIRST_PAUSE : Math.min(this.#pause * 2, LONGEST_PAUSE);
    if (ready) this.#pause = Math.min(this.#pause, FIRST_PAUSE * 4);
    const timer = setTimeout(() => {
      this.#pauses.delete(timer);
      this.#fill();
    }, pause);
    this.#pauses.add(timer);
  }

  get #staying(): Worker[] {
    return [...this.#workers].filter(({ ending }) => !ending);
  }

  /** Starts workers until there are as many as there should be. */
  #fill(): Promise<boolean>[] {
    const settled: Promise<boolean>[] = [];
    while (this.#stopping === undefined && !this.#isWorker && this.#staying.length < this.#count) {
      const indexes = this.#staying.map(({ index }) => index);
      let index = 0;
      while (indexes.includes(index)) index++;
      try {
        settled.push(this.#start(index).settled);
      } catch {
        this.#replace({ since: performance.now(), ready: false });
        break;
      }
    }
    return settled;
  }

  async #end(worker: Worker): Promise<void> {
    worker.ending = true;
    this.#signal(worker, 'SIGTERM');
    const limit = setTimeout(
      () => this.#signal(worker, 'SIGKILL'),
      this.#options.gracefulTimeout ?? GRACEFUL_TIMEOUT,
    );
    await worker.gone;
    clearTimeout(limit);
  }

  #signal({ pid }: Worker, signal: NodeJS.Signals): void {
    try {
      process.kill(pid, signal);
    } catch {
      // It has just ended.
    }
  }

  /** @internal */
  async begin(): Promise<void> {
    this.#watchOver();
    const workers: Worker[] = [];
    try {
      for (let index = 0; index < this.#count; index++) workers.push(this.#start(index));
    } catch (error) {
      await this.stop();
      throw error;
    }
    const ready = await Promise.all(workers.map(({ settled }) => settled));
    if (!ready.includes(true)) {
      await this.stop();
      throw new ProngError('ERR_WORKERS', 'no worker could be started');
    }
    if (this.#options.signals !== false) this.#handleSignals();
    const predecessor = Number(process.env[PREDECESSOR] ?? 0);
    delete process.env[PREDECESSOR];
    // Its number may be another's by now.
    if (predecessor > 0 && process.ppid === predecessor) process.kill(predecessor, 'SIGQUIT');
  }

  #watchOver(): void {
    const limit = this.#options.hangTimeout ?? 30_000;
    if (limit === 0) return;
    this.#watch = setInterval(
      () => {
        if (this.#isWorker) return;
        for (const worker of this.#workers) {
          if (performance.now() - worker.heard <= limit || worker.ending) continue;
          this.#report({ type: 'hung', pid: worker.pid, index: worker.index });
          this.#signal(worker, 'SIGKILL');
        }
      },
      Math.max(10, limit / 4),
    );
  }

  #handleSignals(): void {
    const on = (signal: NodeJS.Signals, action: () => unknown) => {
      const handler = () => {
        if (!this.#isWorker) void Promise.resolve(action()).catch((error) => console.error(error));
      };
      process.on(signal, handler);
      this.#handlers.push([signal, handler]);
    };
    on('SIGHUP', () => this.reload());
    on('SIGTTIN', () => this.scale(this.#count + 1));
    on('SIGTTOU', () => this.scale(Math.max(1, this.#count - 1)));
    on('SIGUSR2', () => this.upgrade());
    for (const signal of ['SIGTERM', 'SIGINT'] as const) on(signal, () => this.stop());
    on('SIGQUIT', () => {
      this.#keepPaths = this.#upgrading;
      return this.stop();
    });
  }

  #next(change: () => Promise<void>): Promise<void> {
    const done = this.#changes.then(change);
    this.#changes = done.catch(() => {});
    return done;
  }

  /** Replaces every worker, one after the other: the next is ready before the former stops accepting. */
  reload(): Promise<void> {
    return this.#next(async () => {
      for (const old of this.#staying) {
        if (this.#stopping !== undefined) return;
        if (old.ending || !this.#workers.has(old)) continue;
        const next = this.#start(old.index);
        const isReady = await next.settled;
        if (this.#stopping !== undefined) return;
        if (!isReady)
          throw new ProngError('ERR_WORKERS', 'a new worker could not be started; the old ones go on');
        const ended = this.#end(old);
        // Another may have died meanwhile.
        this.#fill();
        await ended;
      }
    });
  }

  /** Changes the number of workers. Those that are too many finish their requests. */
  async scale(count: number): Promise<void> {
    checkInteger('count', count, 1, MOST_WORKERS);
    this.#count = count;
    await this.#next(async () => {
      await Promise.all(this.#fill());
      if (this.#stopping !== undefined) return;
      await Promise.all(this.#staying.slice(this.#count).map((worker) => this.#end(worker)));
    });
  }

  /** Starts the program anew, with the sockets of this one; when its workers are ready, this one stops. */
  async upgrade(): Promise<void> {
    if (this.#upgrading) return;
    this.#upgrading = true;
    const child = spawn(process.execPath, [...process.execArgv, ...process.argv.slice(1)], {
      stdio: ['inherit', 'inherit', 'inherit', ...this.#shared.map(({ fd }) => fd)],
      env: { ...process.env, [INHERITED]: String(this.#shared.length), [PREDECESSOR]: String(process.pid) },
    });
    child.unref();
    const again = () => {
      this.#upgrading = false;
    };
    child.on('exit', again).on('error', again);
  }

  /** Lets every worker finish its requests, for at most `gracefulTimeout`, and ends. */
  stop(): Promise<void> {
    this.#stopping ??= this.#stop();
    return this.#stopping;
  }

  async #stop(): Promise<void> {
    // Before anything else is looked at by those that end.
    await Promise.resolve();
    await Promise.all([...this.#workers].map((worker) => this.#end(worker)));
    clearInterval(this.#watch);
    for (const timer of this.#pauses) clearTimeout(timer);
    for (const [signal, handler] of this.#handlers.splice(0)) process.off(signal, handler);
    for (const { fd, path } of this.#shared) {
      close(fd);
      try {
        if (path !== undefined && !this.#keepPaths) unlinkSync(path);
      } catch {
        // Gone already.
      }
    }
    this.#finish?.();
  }

  /** `stop()`. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }
}

/**
 * A prefork server: this process loads everything once and binds the sockets; the workers are forks of it, share its memory and
 * accept from its sockets. Dead workers are replaced, hung ones killed.
 *
 * SIGHUP replaces the workers, SIGTTIN and SIGTTOU add one or take one away, SIGUSR2 starts the program anew
 * with the same sockets, SIGTERM and SIGINT stop.
 *
 * @returns the master, once its workers are ready; it doesn't return in workers
 * @throws `ENOTSUP` where `fork()` doesn't work, `EADDRINUSE` and the like, `ERR_WORKERS` where no worker could be started
 */
export async function serve(options: ServeOptions): Promise<Prefork> {
  if (typeof options !== 'object' || options === null) throw invalidType('options', 'an object', options);
  const { workers = availableParallelism(), listen = [], start } = options;
  checkInteger('options.workers', workers, 1, MOST_WORKERS);
  checkFunction('options.start', start);
  if (options.onWorker !== undefined) checkFunction('options.onWorker', options.onWorker);
  checkTimeout(options.gracefulTimeout, 'options.gracefulTimeout');
  checkTimeout(options.hangTimeout, 'options.hangTimeout');
  const { grade, reason } = forkCapability();
  if (grade === false) throw notSupported('serve()', reason ?? 'no native addon');
  const shared = await bindAll(listen);
  if (options.warmup !== false) warmup();
  const master = new Prefork(options, shared, workers);
  await master.begin();
  return master;
}
