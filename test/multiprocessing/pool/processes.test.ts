import test from 'ava';
import { runFixture } from '../../helpers/run-fixture.js';

const cases: Record<string, { stdout: string; code?: number | null; signal?: NodeJS.Signals }> = {
  unjoined: { stdout: '[ 1, 4, 9 ]\n' },
  pending: { stdout: '9\n' },
  'killed parent': { stdout: '', code: null, signal: 'SIGKILL' },
  unasked: {
    stdout:
      '1 PoolWarning: 2 tasks of a pool failed, and nobody asked what came of it: RangeError: first. ' +
      'Await what applyAsync() gives, or pass errorCallback\n',
  },
  exit: { stdout: '', code: 5 },
  'killed from outside': { stdout: '0\n' },
  'plain fork': { stdout: '0 25 36\n' },
  refused: { stdout: 'ERR_LIVE_WORKER\n4\n' },
  inherited: { stdout: 'called\n[ 1, 2, 3 ]\n[ 0, 1, 2, 3 ]\n33554432\n[ 1, 2, 3 ]\n' },
  many: { stdout: '0 0\n' },
  torture: { stdout: 'every task settled once 0\n' },
};

for (const [name, { stdout, code = 0, signal = null }] of Object.entries(cases)) {
  test(name, async (t) => {
    // It also fails where a process is left.
    const result = await runFixture('pool/processes.js', { args: [name], timeout: 60_000 });
    t.is(result.stderr, '');
    t.is(result.stdout, stdout);
    t.is(result.code, code);
    t.is(result.signal, signal);
  });
}
