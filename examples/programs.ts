/** The programs of the tour, in the notes' order. */
export interface Program {
  title: string;
  /** Below examples/, without its ending. */
  file: string;
  /** The same program in Python, in examples/python/, where there is one. */
  python?: string;
}

export const programs: Program[] = [
  { title: 'fork: called once, returns twice', file: 'fork/fork', python: 'fork.py' },
  { title: 'A daemon by a double fork', file: 'daemon/daemon', python: 'daemon.py' },
  { title: 'A daemon started, pinged and stopped', file: 'daemon/control' },
  { title: 'A prefork server under load while its workers are killed', file: 'prefork/server' },
  { title: 'Process: start a function and wait for it', file: 'processes/process', python: 'process.py' },
  { title: 'Queue: a writer and a reader', file: 'processes/queue', python: 'queue_processes.py' },
  { title: 'Pool: three workers, five tasks', file: 'pool/pool', python: 'pool.py' },
  { title: 'Pool.map: the words of many files, on all cores', file: 'pool/words' },
  { title: 'subprocess: run a command', file: 'subprocess/call', python: 'call.py' },
  { title: 'subprocess: talk to a program', file: 'subprocess/communicate', python: 'communicate.py' },
  { title: 'subprocess: a pipeline without a shell', file: 'subprocess/pipeline' },
  { title: 'subprocess: lines as they come', file: 'subprocess/lines' },
  { title: 'subprocess: what goes wrong', file: 'subprocess/errors' },
  { title: 'Threads and their names', file: 'threads/loop', python: 'loop.py' },
  { title: 'A lock around a shared number', file: 'threads/lock', python: 'lock.py' },
  { title: 'local(): a value of its own in each thread', file: 'threads/local', python: 'local.py' },
  { title: 'RLock: the same thread may take it again', file: 'threads/rlock', python: 'rlock.py' },
  { title: 'A deadlock becomes an error', file: 'threads/deadlock' },
];
