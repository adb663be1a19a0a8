/**
 * measure.js <time|memory|rate> <prong|cluster|load> <megabytes>: ms until 4 workers are ready, their summed PSS in MB with
 * their master's, or requests per second.
 */
import { importPeer } from '../harness/suite.js';
import { summedPss } from '../memory/pss.js';
import { startServer } from './running.js';

type Autocannon = (options: object) => Promise<{ requests: { average: number }; errors: number }>;

const WORKERS = '4';
const SECONDS = Number(process.env.PRONG_BENCH_SECONDS ?? 4);
const [, , what, contender = '', megabytes = '0'] = process.argv;

const server = await startServer(contender, megabytes, WORKERS);
let result = server.ready;
if (what === 'memory') result = summedPss(server.pids);
if (what === 'rate') {
  const { default: autocannon } = await importPeer<{ default: Autocannon }>('autocannon');
  const url = `http://127.0.0.1:${server.port}`;
  const { requests, errors } = await autocannon({ url, connections: 32, duration: SECONDS });
  if (errors > 0) throw new Error(`${errors} requests failed`);
  result = requests.average;
}
await server.end();
console.log(result);
