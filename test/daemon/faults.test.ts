import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, readFileSync, statSync, watch, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import test from 'ava';
import { inPlace, type Place } from '../helpers/daemons.js';
import { compiled } from '../helpers/program.js';

const control = 'daemon/control';

/** Resolves once a file has some text in it. */
function written(directory: string, name: string): Promise<string> {
  const path = join(directory, name);
  return new Promise((resolve) => {
    const look = () => {
      const text = existsSync(path) ? readFileSync(path, 'utf8') : '';
      if (!text.endsWith('\n')) return;
      watcher.close();
      resolve(text);
    };
    const watcher = watch(directory, look);
    look();
  });
}

const begin = (place: Place, what: string) => beginCommand(place, `test/fixtures/${control}.js`, what);

function beginCommand({ env }: Place, program: string, ...args: string[]) {
  return spawn(process.execPath, [compiled(program), ...args], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGKILL'] as const) {
  test(`${signal} to the command that waits takes back the start of a daemon`, (t) =>
    inPlace(t, async (place) => {
      const command = begin(place, 'never');
      await written(place.directory, 'waiting');
      command.kill(signal);
      // Nobody holds its output any more. That the daemon has ended, too, is checked with what is left of it.
      const [code, by] = await once(command, 'close');
      t.deepEqual([code, by], [null, signal]);
    }));
}

test('SIGINT to prong start takes it back', (t) =>
  inPlace(t, async (place) => {
    const app = join(place.directory, 'app.mjs');
    writeFileSync(
      app,
      `import { writeFileSync } from 'node:fs';
      setInterval(() => {}, 1000);
      writeFileSync(${JSON.stringify(join(place.directory, 'waiting'))}, 'yes\\n');`,
    );
    const command = beginCommand(place, '../dist/cli/index.js', 'start', app, '--wait-ready');
    await written(place.directory, 'waiting');
    command.kill('SIGINT');
    const [code, by] = await once(command, 'close');
    t.deepEqual([code, by], [null, 'SIGINT']);
    t.is((await place.cli('list', '--json')).stdout, '[]\n');
  }));

test('a start whose process between is killed leaves no daemon', (t) =>
  inPlace(t, async (place) => {
    const command = begin(place, 'never');
    const daemon = Number(await written(place.directory, 'waiting'));
    const [, between] = /^PPid:\s+(\d+)/m.exec(readFileSync(`/proc/${daemon}/status`, 'utf8')) ?? [];
    process.kill(Number(between), 'SIGKILL');
    const [code] = await once(command, 'close');
    t.is(code, 137);
  }));

test("the path of a socket that a program listened at becomes its daemon's", (t) =>
  inPlace(t, async (place) => {
    const path = join(place.directory, 'server');
    t.is((await place.run(control, ['unix'])).code, 0);
    t.is(await text(connect(path)), 'daemon');
    t.is((await place.run(control, ['stop'])).code, 0);
    t.false(existsSync(path));
  }));

test("a child of the daemon's that ends leaves the control socket alone", (t) =>
  inPlace(t, async (place) => {
    t.is((await place.run(control, ['forks'])).code, 0);
    t.is(await written(place.directory, 'forked'), 'true\n');
    t.is((await place.run(control, ['ping'])).code, 0);
    t.is((await place.run(control, ['stop'])).code, 0);
  }));

test('what a daemon leaves that was killed is no obstacle', (t) =>
  inPlace(t, async (place) => {
    t.is((await place.run(control, ['start'])).code, 0);
    const { pid } = JSON.parse((await place.run(control, ['ping'])).stdout) as { pid: number };
    process.kill(pid, 'SIGKILL');
    while (existsSync(`/proc/${pid}`) && !readFileSync(`/proc/${pid}/stat`, 'latin1').includes(') Z ')) {
      await new Promise(setImmediate);
    }
    const runtime = join(place.env.XDG_RUNTIME_DIR!, 'prong');
    t.true(existsSync(join(runtime, 'one.sock')));
    // Its number is somebody else's now.
    writeFileSync(join(runtime, 'one.pid'), `${process.pid}\n`);
    t.is((await place.run(control, ['ping'])).code, 1);
    const { code, stderr } = await place.run(control, ['start']);
    t.is(code, 0, stderr);
    t.is((await place.run(control, ['stop'])).code, 0);
  }));

test('signalMap: a function, null, and what the program is not to know', (t) =>
  inPlace(t, async (place) => {
    t.is((await place.run(control, ['signals'])).code, 0);
    const pid = Number((await written(place.directory, 'pid')).trim());
    process.kill(pid, 'SIGUSR1');
    process.kill(pid, 'SIGUSR2');
    t.is(await written(place.directory, 'signal'), 'SIGUSR2\n');
    t.is((await place.run(control, ['stop'])).code, 0);
  }));

(existsSync('/dev/full') ? test : test.skip)('a full disk under the logs ends nobody', (t) =>
  inPlace(t, async (place) => {
    const options = JSON.stringify({ stdout: '/dev/full', stderr: '/dev/full' });
    const { code, stderr } = await place.run(control, ['start', options]);
    t.is(code, 0, stderr);
    t.is((await place.run(control, ['reload'])).code, 0);
    t.is((await place.run(control, ['ping'])).code, 0);
    t.is((await place.run(control, ['stop'])).code, 0);
  }),
);

test('a full disk under the pidfile is a clear error, and leaves nothing', (t) =>
  inPlace(t, async (place) => {
    const { code, stderr } = await place.run(control, [
      'full',
      JSON.stringify({ pidfile: join(place.directory, 'pid') }),
    ]);
    t.is(code, 1);
    // The limit of a file's size stands for the disk: making a file system of one's own takes root.
    t.true(stderr.includes('EFBIG'), stderr);
    t.false(existsSync(join(place.directory, 'pid')));
  }));

const nobody = 65534;
const canBeNobody =
  process.getuid!() === 0 &&
  spawnSync(process.execPath, ['-e', ''], { uid: nobody, gid: nobody, cwd: '/' }).status === 0;

(canBeNobody ? test : test.skip)(
  "another user's client is let in nowhere (needs root, to become another)",
  (t) =>
    inPlace(t, async (place) => {
      t.is((await place.run(control, ['start'])).code, 0);
      const runtime = join(place.env.XDG_RUNTIME_DIR!, 'prong');
      const socket = join(runtime, 'one.sock');
      const script = `
      const socket = require('net').connect(${JSON.stringify(socket)}, () => socket.write('{"command":"stop"}\\n'));
      socket.on('error', ({ code }) => console.log(code)).on('data', (text) => console.log(String(text)));`;
      const ask = () => {
        const client = spawn(process.execPath, ['-e', script], { uid: nobody, gid: nobody, cwd: '/' });
        return text(client.stdout);
      };
      t.is(await ask(), 'EACCES\n');
      // Even where the file system would let everybody in.
      for (const path of [place.directory, place.env.XDG_RUNTIME_DIR!, runtime]) chmodSync(path, 0o755);
      chmodSync(socket, 0o666);
      t.like(JSON.parse(await ask()), { code: 'EACCES' });
      chmodSync(runtime, 0o700);
      t.is((await place.run(control, ['ping'])).code, 0);
      t.is((await place.run(control, ['stop'])).code, 0);
    }),
);

test('a pidfile that is a device, or cannot be made, is a clear error', (t) =>
  inPlace(t, async (place) => {
    const device = await place.run(control, ['start', JSON.stringify({ pidfile: '/dev/null' })]);
    t.is(device.code, 1);
    t.true(device.stderr.includes('not a regular file'), device.stderr);
    t.true(statSync('/dev/null').isCharacterDevice());
    const nowhere = await place.run(control, ['start', JSON.stringify({ pidfile: '/nonexistent/pid' })]);
    t.is(nowhere.code, 1);
    t.true(nowhere.stderr.includes('ENOENT'), nowhere.stderr);
  }));
