// A prefork server under load while its workers are killed, one after the other: the data is loaded once, the port is
// bound once, and those that are killed are replaced.
import { createServer, get } from 'node:http';
import { serve } from 'prong/prefork';

const data = new Map(Array.from({ length: 100_000 }, (_, i) => [`/${i}`, `entry ${i}`]));
let readied = 0;
let wake = () => {};

const master = await serve({
  workers: 3,
  listen: { port: 0, host: '127.0.0.1' },
  start: () => createServer(({ url = '' }, response) => response.end(data.get(url))),
  onWorker: ({ type }) => {
    if (type === 'ready') readied++;
    wake();
  },
});

let [answered, cut] = [0, 0];
const ask = (path: string) =>
  new Promise<void>((resolve) => {
    get({ port: master.port, host: '127.0.0.1', path, agent: false }, (response) => {
      response.resume().on('end', () => {
        answered++;
        resolve();
      });
    }).on('error', () => {
      // A worker was killed with this request in its hands; one that asks again gets its answer.
      cut++;
      resolve();
    });
  });

let going = true;
const clients = Array.from({ length: 4 }, async (_, client) => {
  while (going) await ask(`/${client}`);
});

const happens = () =>
  new Promise<void>((resolve) => {
    wake = resolve;
  });
const killed = new Set<number>();
for (let round = 1; round <= 3; round++) {
  const victim = master.workers.find(({ ready }) => ready)!.pid;
  killed.add(victim);
  process.kill(victim, 'SIGKILL');
  while (readied < 3 + round) await happens();
}
const before = answered;
while (answered < before + 100) await new Promise(setImmediate);
going = false;
await Promise.all(clients);

const workers = master.workers.map(({ pid }) => pid);
console.log('killed %d workers; there are %d again', killed.size, workers.length);
console.log(
  'all of them new: %s',
  workers.every((pid) => !killed.has(pid)),
);
console.log('requests went on: %s; at most four were cut at each death: %s', answered > 100, cut <= 12);
await master.stop();
console.log('stopped');
