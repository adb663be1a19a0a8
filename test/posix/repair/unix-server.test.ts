import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { runFixture } from '../../helpers/run-fixture.js';

for (const how of ['by itself', 'close', 'exit', 'throw', 'Process']) {
  test(`a child that ends leaves the path at which its parent listens: ${how}`, async (t) => {
    const directory = await mkdtemp(join(tmpdir(), 'unix-'));
    t.teardown(() => rm(directory, { recursive: true }));
    const { stdout, stderr, code } = await runFixture('repair/unix-server.js', {
      args: [join(directory, 'socket'), how],
    });
    t.deepEqual({ stdout, stderr, code }, { stdout: 'parent removed\n', stderr: '', code: 0 });
  });
}
