import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { inPlace } from '../helpers/daemons.js';
import { compiled } from '../helpers/program.js';

const app = compiled('test/fixtures/daemon/app.cjs');
const json = (text: string) => JSON.parse(text) as { [key: string]: unknown };

test('start, ping, status, list, logs, restart, stop', (t) =>
  inPlace(t, async ({ cli }) => {
    const started = await cli('start', app, '--name', 'web', '--json', '--', '--port', '80');
    t.is(started.code, 0, started.stderr);
    const { pid } = json(started.stdout);
    t.like(json((await cli('ping', 'web', '--json')).stdout), { name: 'web', pid });
    t.like(json((await cli('status', 'web', '--json')).stdout), {
      pid,
      status: 'running',
      args: ['--port', '80'],
    });
    t.is((JSON.parse((await cli('list', '--json')).stdout) as unknown[]).length, 1);
    t.is((await cli('logs', 'web')).stdout, 'app --port 80 true\n');
    const twice = await cli('start', app, '--name', 'web');
    t.is(twice.code, 1);
    t.true(twice.stderr.includes(`already running with pid ${pid}`));
    const restarted = json((await cli('restart', 'web', '--json')).stdout);
    t.not(restarted.pid, pid);
    t.deepEqual(json((await cli('stop', 'web', '--json')).stdout), { name: 'web', pid: restarted.pid });
    t.is((await cli('status', 'web')).code, 3);
    t.is((await cli('ping', 'web')).code, 1);
  }));

test('a program that fails at its start fails the command', (t) =>
  inPlace(t, async ({ cli, directory }) => {
    const bad = join(directory, 'bad.mjs');
    writeFileSync(bad, "await null; throw new Error('cannot begin');");
    const { code, stderr } = await cli('start', bad);
    t.is(code, 1);
    t.true(stderr.includes('cannot begin'));
    t.is((await cli('start', join(directory, 'nothing.js'))).code, 1);
  }));

test('--restart keeps a crashing program up', (t) =>
  inPlace(t, async ({ cli }) => {
    const started = await cli('start', app, '--name', 'up', '--restart');
    t.is(started.code, 0, started.stderr);
    const before = json((await cli('status', 'up', '--json')).stdout);
    process.kill(before.pid as number, 'SIGUSR2');
    let after = before;
    while (after.pid === before.pid || after.status !== 'running') {
      after = json((await cli('status', 'up', '--json')).stdout);
    }
    t.is(after.restarts, 1);
    t.is((await cli('stop', 'up')).code, 0);
  }));

test('slips, unit files and completion', (t) =>
  inPlace(t, async ({ cli }) => {
    t.true((await cli('strat', 'x')).stderr.includes('Did you mean start?'));
    t.true((await cli('unit', app)).stdout.includes(`ExecStart=${process.execPath} ${app}`));
    for (const shell of ['bash', 'zsh', 'fish'])
      t.true((await cli('completion', shell)).stdout.includes('restart'));
  }));
