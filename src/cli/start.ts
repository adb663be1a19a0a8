import { existsSync, realpathSync, statSync } from 'node:fs';
import { basename, extname, join, resolve } from 'node:path';
import { DaemonContext } from '../daemon/index.js';
import { checkName, pidfilePath } from '../daemon/paths.js';
import { Pidfile } from '../daemon/pidfile.js';
import { ProngError } from '../errors.js';
import { type Output, paint, print, printError } from './output.js';
import { loadRecord, logOf, type Record, saveRecord } from './records.js';
import { runProgram } from './run-program.js';
import { Supervisor } from './supervise.js';

export interface StartOptions extends Output {
  name?: string;
  cwd?: string;
  restart?: boolean;
  waitReady?: boolean;
}

function findScript(given: string): string {
  const candidates = [
    given,
    ...['.js', '.mjs', '.cjs'].map((ending) => given + ending),
    join(given, 'index.js'),
  ];
  const found = candidates
    .map((path) => resolve(path))
    .find((path) => existsSync(path) && statSync(path).isFile());
  if (found === undefined) throw new ProngError('ENOENT', `there is no program ${given}`);
  return realpathSync(found);
}

export async function start(script: string, args: string[], options: StartOptions): Promise<void> {
  const path = findScript(script);
  const name = options.name ?? basename(path, extname(path)).replace(/[^\w.@-]/g, '-');
  checkName(name, 'name');
  await startRecord(
    {
      name,
      script: path,
      args,
      cwd: resolve(options.cwd ?? '.'),
      log: logOf(name),
      restart: options.restart ?? false,
      waitReady: options.waitReady ?? false,
    },
    options,
    'started',
  );
}

/** Returns in the program's own process only. */
export async function startRecord(record: Record, options: Output, word: string): Promise<void> {
  const { name, script, args, restart } = record;
  const supervisor = restart ? new Supervisor(record) : undefined;
  const context: DaemonContext = new DaemonContext({
    name,
    workingDirectory: record.cwd,
    umask: process.umask(),
    preventCore: false,
    stdout: record.log,
    stderr: record.log,
    ...(supervisor && {
      signalMap: { SIGTERM: supervisor.stop, SIGHUP: supervisor.forward, SIGINT: supervisor.stop },
    }),
    // The parameter tells that it calls ready() itself.
    onReady: async (ready) => {
      if (supervisor !== undefined) return await supervisor.run(ready);
      await runProgram(script, args);
      if (!record.waitReady) ready();
    },
  });
  if (supervisor !== undefined) context.describe = () => supervisor.describe(context);
  const before = loadRecord(name);
  context.settled = (code) => {
    if (code !== 0) {
      const error = new ProngError(
        'ERR_START',
        `${name} could not be started (exit code ${code}); see: prong logs ${name}`,
      );
      return printError(options, error);
    }
    if (JSON.stringify(before) !== JSON.stringify(record)) saveRecord(record);
    const pid = new Pidfile(pidfilePath(name)).read();
    print(
      options,
      { name, pid, log: record.log },
      `${paint('green', word)} ${paint('bold', name)}, pid ${pid}`,
    );
  };
  await context.open();
}
