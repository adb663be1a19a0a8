/**
 * server.js <prong|cluster|load> <megabytes> <workers>: loads so much and serves; prints a line of JSON when all workers are
 * ready. `load` only loads. With prong it reloads on SIGHUP and makes way for a new one on SIGUSR2.
 */
import cluster from 'node:cluster';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { serve } from 'prong/prefork';
import { fillHeap } from '../fork/heap.js';

const [, , contender, megabytes = '0', count = '4'] = process.argv;
const workers = Number(count);
const host = '127.0.0.1';

const load = () => (Number(megabytes) > 0 ? fillHeap(Number(megabytes)) : []);
const say = (port: number | undefined, pids: (number | undefined)[]) =>
  console.log(JSON.stringify({ ready: performance.now(), port, pids: [process.pid, ...pids] }));

function application(data: unknown[]) {
  return createServer((_request, response) => response.end(data.length < 0 ? '' : 'hello\n'));
}

if (contender === 'load') {
  const data = load();
  say(undefined, []);
  if (data.length < 0) throw new Error('it must be alive until here');
} else if (contender === 'prong') {
  const data = load();
  const master = await serve({ workers, listen: { port: 0, host }, start: () => application(data) });
  say(
    master.port,
    master.workers.map(({ pid }) => pid),
  );
  await master.finished;
  console.log('{"finished":true}');
} else if (cluster.isPrimary) {
  const forked = Array.from({ length: workers }, () => cluster.fork());
  const addresses = await Promise.all(forked.map((worker) => once(worker, 'listening')));
  say(
    (addresses[0]![0] as AddressInfo).port,
    forked.map((worker) => worker.process.pid),
  );
  process.once('SIGTERM', () => process.exit());
} else {
  application(load()).listen(0, host);
}
