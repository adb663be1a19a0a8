import { existsSync, readFileSync, renameSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import test from 'ava';
import { inPlace, type Place } from '../helpers/daemons.js';

const control = 'daemon/control';
const json = (text: string) => JSON.parse(text) as { [key: string]: unknown };
const log = ({ directory }: Place) => readFileSync(join(directory, 'log'), 'utf8');
const socketOf = ({ env }: Place) => join(env.XDG_RUNTIME_DIR!, 'prong', 'one.sock');

/** What the daemon says of itself: it may do so a moment after the shell has its code. */
async function firstLine(place: Place): Promise<string> {
  for (;;) {
    const [line, ...rest] = existsSync(join(place.directory, 'log')) ? log(place).split('\n') : [];
    if (line !== undefined && rest.length > 0) return line;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** Everything that comes back for one request. */
function talk(path: string, request: string): Promise<string> {
  return new Promise((resolve) => {
    let text = '';
    const socket = connect(path, () => socket.write(request));
    socket.on('data', (chunk) => {
      text += chunk;
    });
    socket.on('error', () => {});
    socket.on('close', () => resolve(text));
  });
}

test('daemonize() detaches; the shell has its code, and the daemon answers until it is stopped', (t) =>
  inPlace(t, async (place) => {
    const started = await place.run(control, ['start']);
    t.deepEqual([started.code, started.stdout, started.stderr], [0, 'started\n', '']);
    const pong = json((await place.run(control, ['ping'])).stdout);
    const line = await firstLine(place);
    const daemon = json(line);
    t.is(pong.pid, daemon.pid);
    t.is(typeof pong.latency, 'number');
    t.is(pong.status, 'running');
    t.true((pong.memory as { rss: number }).rss > 0);
    t.like(daemon, { cwd: '/', umask: 0o022, terminal: 0, zero: false, originalIsGone: true, isOpen: true });
    t.not(daemon.session, daemon.pid, 'a leader of a session could get a terminal');
    t.is(statSync(socketOf(place)).mode & 0o777, 0o600);
    t.is(json((await place.run(control, ['status'])).stdout).name, 'one');
    t.deepEqual(json((await place.run(control, ['stop'])).stdout), { pid: daemon.pid });
    t.is(log(place), `${line}\nexit listener\n`);
    const again = await place.run(control, ['ping']);
    t.is(again.code, 1);
    t.true(again.stderr.includes('ERR_NOT_RUNNING'));
  }));

test('options: filesPreserve, umask, workingDirectory, pidfile', (t) =>
  inPlace(t, async (place) => {
    const { directory } = place;
    const pidfile = join(directory, 'pid');
    const options = { umask: 0o077, workingDirectory: directory, pidfile };
    t.is((await place.run(control, ['late', JSON.stringify(options)])).code, 0);
    const daemon = json(await firstLine(place));
    t.like(daemon, { umask: 0o077, cwd: directory });
    t.is(readFileSync(pidfile, 'utf8'), `${daemon.pid}\n`);
    await place.run(control, ['stop']);
    t.false(existsSync(pidfile));
  }));

test('a daemon that fails tells the shell its error and code', (t) =>
  inPlace(t, async (place) => {
    const failed = await place.run(control, ['fails']);
    t.is(failed.code, 1);
    t.true(failed.stderr.includes('it can not be'));
    t.is((await place.run(control, ['exits'])).code, 7);
    const died = await place.run(control, ['dies']);
    t.is(died.code, 137);
    t.true(died.stderr.includes('SIGKILL'));
    for (const file of ['one.sock', 'one.pid']) {
      // What a killed one leaves is no obstacle.
      t.true(existsSync(join(place.env.XDG_RUNTIME_DIR!, 'prong', file)));
    }
    t.is((await place.run(control, ['start'])).code, 0);
    await place.run(control, ['stop']);
  }));

test('a second start names the pid of the first; of many at once one wins', (t) =>
  inPlace(t, async (place) => {
    for (let round = 0; round < 3; round++) {
      const starts = await Promise.all(Array.from({ length: 4 }, () => place.run(control, ['start'])));
      t.is(starts.filter(({ code }) => code === 0).length, 1, starts.map(({ stderr }) => stderr).join('\n'));
      const { pid } = json((await place.run(control, ['ping'])).stdout);
      for (const { code, stderr } of starts)
        if (code !== 0) t.true(stderr.includes('AlreadyRunningError'), stderr);
      const late = await place.run(control, ['start']);
      t.true(late.stderr.includes(`already running with pid ${pid}`), late.stderr);
      await place.run(control, ['stop']);
    }
  }));

test('a stale pidfile is no obstacle, a symbolic link is', (t) =>
  inPlace(t, async (place) => {
    const pidfile = join(place.directory, 'pid');
    writeFileSync(pidfile, `${process.pid}\n`);
    t.is((await place.run(control, ['start', JSON.stringify({ pidfile })])).code, 0);
    await place.run(control, ['stop']);
    const precious = join(place.directory, 'precious');
    writeFileSync(precious, 'precious');
    symlinkSync(precious, pidfile);
    const refused = await place.run(control, ['start', JSON.stringify({ pidfile })]);
    t.is(refused.code, 1);
    t.true(refused.stderr.includes('symbolic link'));
    t.is(readFileSync(precious, 'utf8'), 'precious');
  }));

test('garbage and endless messages at the control socket are refused, and the daemon goes on', (t) =>
  inPlace(t, async (place) => {
    await place.run(control, ['start']);
    const path = socketOf(place);
    t.true((await talk(path, 'garbage\n')).includes('ERR_CONTROL'));
    t.true((await talk(path, '{"command":"__proto__"}\n')).includes('ERR_CONTROL'));
    t.true((await talk(path, 'x'.repeat(5000))).includes('ERR_CONTROL'));
    t.is((await place.run(control, ['ping'])).code, 0);
    await place.run(control, ['stop']);
  }));

test('a socket path that is too long is a clear error; logs are opened again on reload', (t) =>
  inPlace(t, async (place) => {
    const long = await place.run(control, [
      'start',
      JSON.stringify({ controlSocket: `/tmp/${'x'.repeat(120)}` }),
    ]);
    t.is(long.code, 1);
    t.true(long.stderr.includes('ENAMETOOLONG'));
    await place.run(control, ['start']);
    await firstLine(place);
    const path = join(place.directory, 'log');
    renameSync(path, `${path}.1`);
    t.is((await place.run(control, ['reload'])).code, 0);
    t.true(existsSync(path));
    await place.run(control, ['stop']);
    t.is(readFileSync(path, 'utf8'), 'exit listener\n');
  }));

(process.getuid!() === 0 ? test : test.skip)('privileges are dropped for good (needs root)', (t) =>
  inPlace(t, async (place) => {
    const options = JSON.stringify({ uid: 65534, gid: 65534, initgroups: false });
    const { code, stderr } = await place.run(control, ['start', options]);
    t.is(code, 0, stderr);
    t.like(json(await firstLine(place)), { uid: 65534, groups: [65534] });
    await place.run(control, ['stop']);
    // Their directory is root's: it could not remove them.
    const { rmSync } = await import('node:fs');
    rmSync(join(place.env.XDG_RUNTIME_DIR!, 'prong'), { recursive: true });
    rmSync(join(place.env.XDG_RUNTIME_DIR!), { recursive: true });
    const { mkdirSync } = await import('node:fs');
    mkdirSync(place.env.XDG_RUNTIME_DIR!);
  }),
);
