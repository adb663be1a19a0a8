// The notes' "TODO: daemon, ping": a daemon is started, asked whether it is there, and stopped.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fork, waitpid } from 'prong';
import { daemonize, ping, stop } from 'prong/daemon';

const directory = mkdtempSync(join(tmpdir(), 'prong-'));
const controlSocket = join(directory, 'socket');

const launcher = fork();
if (launcher === 0) {
  await daemonize({ controlSocket });
  // Here is the daemon. It has nothing to do but to be there.
  setInterval(() => {}, 1000);
} else {
  const { exitCode } = await waitpid(launcher);
  console.log('started, exit code %d', exitCode);
  const { status, latency } = await ping(controlSocket);
  console.log('ping: %s, in less than %d ms', status, Math.ceil(latency / 1000) * 1000);
  await stop(controlSocket);
  console.log('stopped');
  rmSync(directory, { recursive: true });
}
