/**
 * start.js <prong|node|pm2> <listens|returns>: ms from the command until the program listens, or until the shell has its
 * prompt back. pm2's own daemon is there already.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { benchProgram, benchSource, packageRoot } from '../harness/suite.js';

const [, , contender = '', until = ''] = process.argv;
const directory = mkdtempSync(join(tmpdir(), 'prong-bench-'));
const env = {
  ...process.env,
  BENCH_READY: join(directory, 'ready'),
  PM2_HOME: join(directory, 'pm2'),
  XDG_RUNTIME_DIR: join(directory, 'run'),
  XDG_STATE_HOME: join(directory, 'state'),
};
const app = benchProgram('daemon/app');
const pm2 = benchSource('peers/node_modules/pm2/bin/pm2');
const prong = `${packageRoot}dist/cli/index.js`;

const node = (...args: string[]): ChildProcess =>
  spawn(process.execPath, args, { env, stdio: ['ignore', 'ignore', 'inherit'] });

async function run(...args: string[]): Promise<void> {
  const child = node(...args);
  const [code] = await once(child, 'exit');
  if (code !== 0) throw new Error(`${args.join(' ')} ended with ${code}`);
}

interface Way {
  before?: () => Promise<void>;
  start: string[];
  after: (started: ChildProcess) => Promise<unknown>;
}

const ways: Record<string, Way> = {
  node: {
    start: [app],
    after: async (started) => {
      const ended = once(started, 'exit');
      started.kill();
      await ended;
    },
  },
  prong: { start: [prong, 'start', app, '--name', 'bench'], after: () => run(prong, 'stop', 'bench') },
  pm2: {
    before: () => run(pm2, 'ping'),
    start: [pm2, 'start', app, '--name', 'bench'],
    after: () => run(pm2, 'kill'),
  },
};

const { before, start, after } = ways[contender]!;
await before?.();
const listener = createServer((client) => client.destroy()).listen(env.BENCH_READY);
await once(listener, 'listening');
const listens = once(listener, 'connection');

const begin = performance.now();
const started = node(...start);
const returns = contender === 'node' ? listens : once(started, 'exit');
await (until === 'listens' ? listens : returns);
const elapsed = performance.now() - begin;

await Promise.all([listens, returns]);
await after(started);
listener.close();
rmSync(directory, { recursive: true, force: true });
console.log(elapsed);
