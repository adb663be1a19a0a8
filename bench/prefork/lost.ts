/**
 * lost.js <reload|upgrade>: requests that get no answer while all workers, or the master with them, are replaced under load;
 * half of the clients keep their connections.
 */
import { Agent, get } from 'node:http';
import { startServer } from './running.js';

const CLIENTS = 8;
const LEAST = 2000;
const [, , what] = process.argv;
const server = await startServer('prong', '0', '4');
let [lost, answered, going] = [0, 0, true];

const ask = (agent: Agent | false) =>
  new Promise<void>((resolve) => {
    const lose = () => {
      lost++;
      resolve();
    };
    get({ port: server.port, host: '127.0.0.1', agent }, (response) => {
      response.on('error', lose).on('end', () => {
        answered++;
        resolve();
      });
      response.resume();
    }).on('error', lose);
  });

const clients = Array.from({ length: CLIENTS }, async (_, index) => {
  const agent = index % 2 === 0 ? new Agent({ keepAlive: true, maxSockets: 1 }) : false;
  while (going) await ask(agent);
  if (agent) agent.destroy();
});
const answers = async (count: number) => {
  while (answered < count && lost === 0) await new Promise(setImmediate);
};

await answers(LEAST);
let master: number | undefined;
if (what === 'reload') {
  server.signal('SIGHUP');
} else {
  server.signal('SIGUSR2');
  // The new one is ready, the former has finished; whoever is first.
  const both = [await server.next(), await server.next()];
  master = both.find(({ pids }) => pids !== undefined)!.pids[0];
}
await answers(answered + 2 * LEAST);
going = false;
await Promise.all(clients);
await server.end(master);
console.log(lost);
