/** The commands about daemons that are there. */
import { closeSync, existsSync, fstatSync, openSync, readSync, watchFile } from 'node:fs';
import { NotRunningError, ping, reload, type StatusResult, status, stop } from '../daemon/index.js';
import { checkName } from '../daemon/paths.js';
import { ProngError } from '../errors.js';
import { duration, megabytes, type Output, paint, print, table } from './output.js';
import { loadRecord, logOf, recordNames, removeRecord } from './records.js';
import { startRecord } from './start.js';

/** As the Linux Standard Base has it for a program that isn't running. */
const NOT_RUNNING = 3;
const CHUNK = 65_536;

export interface TimeOptions extends Output {
  timeout?: number;
}

function known(name: string): string {
  checkName(name);
  return name;
}

/** An error that helps: who was meant? */
function explain(error: unknown, name: string): unknown {
  const names = recordNames();
  if (!(error instanceof NotRunningError) || names.includes(name)) return error;
  const hint = names.length === 0 ? 'nothing has been started' : `there is: ${names.join(', ')}`;
  return new ProngError('ERR_NOT_RUNNING', `${error.message} (${hint})`);
}

async function about<T>(name: string, action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    throw explain(error, name);
  }
}

export async function stopCommand(
  names: string[],
  options: TimeOptions & { force?: boolean; all?: boolean },
): Promise<void> {
  const running: string[] = [];
  if (options.all) for (const name of recordNames()) if (await find(name)) running.push(name);
  const chosen = options.all ? running : names.map(known);
  if (!options.all && chosen.length === 0)
    throw new ProngError('ERR_USAGE', 'stop what? Give a name, or --all');
  const stopped: { name: string; pid: number }[] = [];
  for (const name of chosen) {
    stopped.push({
      name,
      ...(await about(name, () => stop(name, { timeout: options.timeout, force: options.force }))),
    });
  }
  const text = stopped.map(
    ({ name, pid }) => `${paint('yellow', 'stopped')} ${paint('bold', name)}, pid ${pid}`,
  );
  print(
    options,
    options.all || stopped.length > 1 ? stopped : stopped[0],
    text.join('\n') || 'nothing is running',
  );
}

export async function restartCommand(
  given: string,
  options: TimeOptions & { force?: boolean },
): Promise<void> {
  const name = known(given);
  const record = loadRecord(name);
  if (record === undefined) throw explain(new NotRunningError(name), name);
  try {
    await stop(name, { timeout: options.timeout, force: options.force });
  } catch (error) {
    if (!(error instanceof NotRunningError)) throw error;
  }
  await startRecord(record, options, 'restarted');
}

export async function pingCommand(name: string, options: TimeOptions): Promise<void> {
  const pong = await about(name, () => ping(known(name), { timeout: options.timeout }));
  print(
    options,
    { name, ...pong },
    `${paint('green', 'pong')} from ${name}, pid ${pong.pid}, in ${pong.latency.toFixed(1)} ms`,
  );
}

export async function reloadCommand(name: string, options: TimeOptions): Promise<void> {
  await about(name, () => reload(known(name), { timeout: options.timeout }));
  print(options, { name, reloaded: true }, `${paint('green', 'reloaded')} ${name}`);
}

async function find(name: string, timeout?: number): Promise<StatusResult | undefined> {
  try {
    return await status(name, { timeout });
  } catch (error) {
    if (error instanceof NotRunningError) return undefined;
    throw error;
  }
}

export async function statusCommand(given: string, options: TimeOptions): Promise<void> {
  const name = known(given);
  const record = loadRecord(name);
  const found = await find(name, options.timeout);
  if (found === undefined && record === undefined) throw explain(new NotRunningError(name), name);
  if (found === undefined) {
    process.exitCode = NOT_RUNNING;
    return print(
      options,
      { ...record, name, status: 'stopped', pid: null },
      `${paint('bold', name)} is ${paint('red', 'stopped')}`,
    );
  }
  const lines = [
    `${paint('bold', name)} is ${paint('green', found.status)}`,
    `  pid     ${found.pid}`,
    `  uptime  ${duration(found.uptime)}`,
    `  memory  ${megabytes(found.memory.rss)}${found.memory.pss === undefined ? '' : `, of it ${megabytes(found.memory.pss)} its own share`}`,
    ...(record === undefined
      ? []
      : [`  program ${[record.script, ...record.args].join(' ')}`, `  log     ${record.log}`]),
  ];
  print(options, { ...record, ...found, name }, lines.join('\n'));
}

export async function listCommand(options: TimeOptions): Promise<void> {
  const found = await Promise.all(
    recordNames().map(async (name) => {
      const record = loadRecord(name);
      try {
        const running = await find(name, options.timeout ?? 2000);
        return { ...record, name, ...(running ?? { status: 'stopped', pid: null }) } as {
          [key: string]: unknown;
        };
      } catch {
        return { ...record, name, status: 'not answering', pid: null } as { [key: string]: unknown };
      }
    }),
  );
  const rows = found.map((each) => [
    String(each.name),
    String(each.status),
    each.pid === null ? '-' : String(each.pid),
    typeof each.uptime === 'number' ? duration(each.uptime) : '-',
    each.memory === undefined ? '-' : megabytes((each.memory as { rss: number }).rss),
  ]);
  const text =
    rows.length === 0
      ? 'nothing has been started'
      : table([['name', 'status', 'pid', 'uptime', 'memory'], ...rows]);
  print(options, found, text);
}

export async function removeCommand(given: string, options: Output): Promise<void> {
  const name = known(given);
  if ((await find(name)) !== undefined)
    throw new ProngError('ERR_ALREADY_RUNNING', `${name} is running: stop it first`);
  if (loadRecord(name) === undefined) throw explain(new NotRunningError(name), name);
  removeRecord(name);
  print(options, { name, removed: true }, `removed ${name}`);
}

/** The last lines of a file, read from its end. */
function tail(path: string, count: number): { text: string; end: number } {
  const fd = openSync(path, 'r');
  try {
    const end = fstatSync(fd).size;
    let from = end;
    let bytes = Buffer.alloc(0);
    const lines = () => bytes.toString('latin1').split('\n').length - 2;
    while (from > 0 && lines() < count) {
      const size = Math.min(CHUNK, from);
      from -= size;
      const chunk = Buffer.alloc(size);
      readSync(fd, chunk, 0, size, from);
      bytes = Buffer.concat([chunk, bytes]);
    }
    const all = bytes.toString().replace(/\n$/, '').split('\n');
    const kept = count === 0 || end === 0 ? [] : all.slice(-count);
    return { text: kept.map((line) => `${line}\n`).join(''), end };
  } finally {
    closeSync(fd);
  }
}

export function logsCommand(given: string, options: Output & { lines: number; follow?: boolean }): void {
  const name = known(given);
  const path = loadRecord(name)?.log ?? logOf(name);
  if (!existsSync(path)) throw explain(new NotRunningError(name), name);
  const { text, end } = tail(path, options.lines);
  if (options.json) print(options, { name, log: path, lines: text.split('\n').slice(0, -1) }, '');
  else process.stdout.write(text);
  if (options.follow) follow(path, end);
}

function follow(path: string, from: number): void {
  let position = from;
  const more = (size: number) => {
    // It was truncated, or is a new file.
    if (size < position) position = 0;
    const fd = openSync(path, 'r');
    const bytes = Buffer.alloc(Math.max(0, size - position));
    position += readSync(fd, bytes, 0, bytes.length, position);
    closeSync(fd);
    process.stdout.write(bytes);
  };
  watchFile(path, { interval: 100 }, ({ size }) => {
    if (existsSync(path)) more(size);
  });
}
