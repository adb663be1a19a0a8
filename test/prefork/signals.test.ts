import { existsSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import test from 'ava';
import { inPlace } from '../helpers/daemons.js';
import { Load, RunningMaster } from '../helpers/prefork.js';

test('SIGTTIN and SIGTTOU scale, SIGHUP reloads, SIGTERM stops; no request is lost', (t) =>
  inPlace(t, async ({ env }) => {
    const master = new RunningMaster(env);
    const { port } = await master.serving();
    const load = new Load(port);
    master.signal('SIGTTIN');
    await master.atLeast('ready', 3);
    master.signal('SIGTTOU');
    await master.atLeast('ended', 1);
    master.signal('SIGHUP');
    await master.atLeast('ended', 3);
    t.is(master.count('started'), 5);
    await load.end();
    t.deepEqual(load.lost, []);
    master.signal('SIGTERM');
    t.is(await master.closed, 0, master.stderr);
    t.is(master.count('ended'), 5);
    t.is(master.stderr, '');
  }));

test('SIGUSR2 hands the sockets to a new master; no request is lost', (t) =>
  inPlace(t, async ({ env }) => {
    const first = new RunningMaster(env);
    const { port } = await first.serving();
    const load = new Load(port);
    first.signal('SIGUSR2');
    const second = await first.serving(first.pid);
    await first.until((told) => told.some(({ type }) => type === 'finished'));
    await first.until(() => first.count('ready') === 4);
    const answered = new Load(port, 1);
    await answered.end();
    await load.end();
    t.deepEqual([...load.lost, ...answered.lost], []);
    t.deepEqual([...answered.answers], [String(second.master)]);
    first.signal('SIGTERM', second.master);
    t.is(await first.closed, 0, first.stderr);
  }));

test('a new version that does not start harms nobody', (t) =>
  inPlace(t, async ({ directory, env }) => {
    const master = new RunningMaster(env);
    const { port } = await master.serving();
    writeFileSync(join(directory, 'broken'), '');
    const load = new Load(port);
    master.signal('SIGUSR2');
    await master.until(() => master.stderr.includes('a broken version'));
    await load.end();
    t.deepEqual(load.lost, []);
    t.deepEqual([...load.answers], [String(master.pid)]);
    master.signal('SIGTERM');
    t.is(await master.closed, 0);
  }));

test('workers are killed under load, again and again: the others go on, and all are replaced', (t) =>
  inPlace(t, async ({ env }) => {
    const master = new RunningMaster(env);
    const { port } = await master.serving();
    const load = new Load(port);
    for (let round = 1; round <= 3; round++) {
      const { pid } = await master.until((told) => told.filter(({ type }) => type === 'ready').at(-1));
      master.signal('SIGKILL', pid);
      await master.atLeast('ready', 2 + round);
    }
    const before = load.answered;
    await load.until(before + 10);
    await load.end();
    // Only what a killed worker had in its hands.
    t.true(load.lost.length <= 3 * 3, load.lost.join('\n'));
    master.signal('SIGTERM');
    t.is(await master.closed, 0, master.stderr);
    t.is(master.count('ended'), 5);
  }));

test('kill -9: a worker is replaced; without the master the workers end', (t) =>
  inPlace(t, async ({ env }) => {
    const master = new RunningMaster(env);
    await master.serving();
    const { pid } = await master.until((told) => told.find(({ type }) => type === 'ready'));
    master.signal('SIGKILL', pid);
    await master.atLeast('ready', 3);
    master.signal('SIGKILL');
    t.is(await master.closed, null);
  }));

test('a port or a path in use is a clear error, and harms nobody', (t) =>
  inPlace(t, async ({ directory, env }) => {
    for (const taken of ['127.0.0.1', join(directory, 'socket')]) {
      const other = createServer();
      const isPath = taken.includes('/');
      await new Promise<void>((resolve) => {
        if (isPath) other.listen(taken, resolve);
        else other.listen(0, taken, resolve);
      });
      const address = other.address();
      const where = typeof address === 'object' ? { host: taken, port: address!.port } : { path: taken };
      const master = new RunningMaster(env, [JSON.stringify(where)]);
      t.is(await master.closed, 1);
      t.true(master.stderr.includes('EADDRINUSE'), master.stderr);
      t.true(other.listening);
      await new Promise((resolve) => other.close(resolve));
    }
  }));

test('a path that was left behind is taken over, and removed at the end', (t) =>
  inPlace(t, async ({ directory, env }) => {
    const path = join(directory, 'socket');
    const killed = new RunningMaster(env, [JSON.stringify({ path })]);
    await killed.serving();
    killed.signal('SIGKILL');
    await killed.closed;
    const next = new RunningMaster(env, [JSON.stringify({ path })]);
    await next.serving();
    next.signal('SIGTERM');
    t.is(await next.closed, 0, next.stderr);
    t.false(existsSync(path));
  }));
