/** What `serve()` calls in each worker; it returns the server, or a promise of it, before or after `listen()`. */
export interface WorkerContext {
  /** Counted from 0; a replacement gets its predecessor's. */
  index: number;
  /** The shared sockets, in the order of `listen`. Give one to your server by `server.listen({ fd })`. */
  fds: number[];
  /** Aborted when the worker is to end. */
  signal: AbortSignal;
}

/** Where to listen: a port, the path of a Unix socket, or the parts of it. */
export type Listen =
  | number
  | string
  | { port?: number; host?: string; path?: string; fd?: number; backlog?: number };

/** What `serve()` takes. */
export interface ServeOptions {
  /** How many; by default one per processor. */
  workers?: number;
  /** A port, a socket's path, or more about them; or several. Bound in the master, before any worker. */
  listen?: Listen | Listen[];
  /**
   * Runs in every worker. What it returns is served on the first socket: a server, what has one (a Fastify application), or
   * a handler of requests (an Express one). A program that listens by itself, at a port or path of `listen`, gets that socket.
   */
  start: (context: WorkerContext) => unknown;
  /** How long a worker may take to finish its requests, in ms; 30,000 by default. Then it is killed. */
  gracefulTimeout?: number;
  /** A worker whose event loop doesn't answer for so long, in ms, is killed; 30,000 by default, 0 for never. */
  hangTimeout?: number;
  /** Whether the heap is collected and compacted before the first fork; true by default. */
  warmup?: boolean;
  /** Whether SIGHUP, SIGTERM, SIGINT, SIGTTIN, SIGTTOU and SIGQUIT are handled in the master; true by default. */
  signals?: boolean;
  /** Called in the master when a worker starts, is ready, hangs or has ended. */
  onWorker?: (event: WorkerEvent) => void;
}

/** What `onWorker` is told. */
export interface WorkerEvent {
  type: 'started' | 'ready' | 'ended' | 'hung';
  pid: number;
  index: number;
  exitCode?: number | null;
  signal?: string | null;
}

/** One worker, as `workers` lists it. */
export interface WorkerInfo {
  pid: number;
  index: number;
  ready: boolean;
  /** In ms. */
  uptime: number;
  /** In bytes; `undefined` where /proc doesn't say. `pss` counts shared memory in part, `private` not at all. */
  memory?: { pss: number; private: number };
}
