import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import test from 'ava';
import { inPlace } from '../helpers/daemons.js';
import { compiled, source } from '../helpers/program.js';

const service = 'daemon/service';
const python = spawnSync('python3', ['-c', '']).status === 0;

(python ? test : test.skip)(
  'sdNotify and the watchdog, heard by one who plays systemd (needs python3)',
  (t) =>
    inPlace(t, async ({ directory, env }) => {
      const socket = join(directory, 'notify');
      const manager = spawn('python3', [source('test/fixtures/python/notify_socket.py'), socket], {
        env: { ...process.env, ...env },
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      const heard = createInterface({ input: manager.stdout })[Symbol.asyncIterator]();
      const next = async () => JSON.parse((await heard.next()).value as string) as string;
      t.is(await next(), 'bound');
      const program = spawn(process.execPath, [compiled(`test/fixtures/${service}.js`), 'notify'], {
        env: { ...process.env, ...env, NOTIFY_SOCKET: socket, WATCHDOG_USEC: '20000' },
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      const said = text(program.stdout);
      t.is(await next(), 'READY=1');
      t.is(await next(), `STATUS=at work\nMAINPID=${program.pid}`);
      t.is(await next(), 'WATCHDOG=1');
      t.is(await next(), 'WATCHDOG=1');
      program.kill();
      let last = 'WATCHDOG=1';
      while (last === 'WATCHDOG=1') last = await next();
      t.is(last, 'STOPPING=1');
      t.deepEqual(JSON.parse(await said), { heard: [true, true], interval: 20 });
      manager.kill();
      await once(manager, 'close');
    }),
);

test('without systemd nothing is sent, and one that is gone is an error', (t) =>
  inPlace(t, async ({ run }) => {
    const { stdout, stderr } = await run(service, ['nobody']);
    t.deepEqual(JSON.parse(stdout), { heard: [false, false], code: 'ENOENT', fds: [] }, stderr);
  }));

test('listenFds() gives the sockets that were handed over, and only to whom they are meant for', (t) =>
  inPlace(t, async ({ env }) => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as { port: number };
    const { fd } = (server as unknown as { _handle: { fd: number } })._handle;
    const script = 'LISTEN_PID=$$ LISTEN_FDS=1 LISTEN_FDNAMES=web exec "$0" "$@"';
    const args = ['-c', script, process.execPath, compiled(`test/fixtures/${service}.js`)];
    const program = spawn('sh', args, {
      env: { ...process.env, ...env },
      stdio: ['ignore', 'inherit', 'inherit', fd],
    });
    const ended = once(program, 'close');
    // The program has a copy, which goes on listening.
    server.close();
    const client: Socket = connect(port, '127.0.0.1');
    t.deepEqual(JSON.parse(await text(client)), { fd: 3, name: 'web', others: [], again: [] });
    t.is((await ended)[0], 0);
  }));

test('a unit file says what systemd must know, with its special characters quoted', (t) =>
  inPlace(t, async ({ cli, directory }) => {
    const app = join(directory, 'the app.js');
    const unit = await cli(
      'unit',
      app,
      '--notify',
      '--user',
      'www',
      '--cwd',
      directory,
      '--',
      '100%',
      '$HOME',
    );
    const lines = unit.stdout.split('\n');
    for (const line of [
      'Type=notify',
      `ExecStart=${process.execPath} "${app}" 100%% $$HOME`,
      'ExecReload=/bin/kill -HUP $MAINPID',
      'User=www',
      'WatchdogSec=30',
      `WorkingDirectory=${directory}`,
      'WantedBy=multi-user.target',
    ]) {
      t.true(lines.includes(line), `${line}\n${unit.stdout}${unit.stderr}`);
    }
    t.is(JSON.parse((await cli('unit', app, '--json')).stdout).unit.split('\n')[0], '[Unit]');
  }));
