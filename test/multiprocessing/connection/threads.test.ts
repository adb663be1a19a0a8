import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import test from 'ava';
import { type Connection, Pipe, reviveHandles } from 'prong/multiprocessing';
import { inThread } from '../../helpers/in-thread.js';
import { leavesNothing } from '../../helpers/leaks.js';

test.serial(
  'a connection is posted to a Worker',
  leavesNothing(async (t) => {
    const [a, b] = Pipe();
    const worker = new Worker(new URL('../../fixtures/connection/worker.js', import.meta.url), {
      workerData: { end: b },
    });
    const ended = once(worker, 'exit');
    // The copy that is under way is the worker's.
    b.close();
    await a.send(1);
    t.deepEqual(await a.recv(), ['worker', 1]);
    a.close();
    t.deepEqual(await once(worker, 'message'), ['ended']);
    const [c, d] = Pipe();
    worker.postMessage({ late: d });
    d.close();
    await c.send('back');
    t.is(await c.recv(), 'back');
    await t.throwsAsync(c.recv(), { code: 'EOF' });
    c.close();
    await ended;
  }),
);

test.serial(
  'a connection is captured by a thread, and passed to it',
  leavesNothing(async (t) => {
    const [a, b] = Pipe();
    const [c, d] = Pipe();
    const running = inThread((end: Connection) => {
      end.sendSync(b.recvSync());
      end.close();
      b.close();
      return 'done';
    }, c);
    a.sendSync('through');
    t.is(await d.recv(), 'through');
    t.is(await running, 'done');
    for (const connection of [a, b, c, d]) connection.close();
  }),
);

test.serial(
  'a Worker that is terminated while it blocks',
  leavesNothing(async (t) => {
    const [a, b] = Pipe();
    const worker = new Worker(new URL('../../fixtures/connection/worker.js', import.meta.url), {
      workerData: { end: b },
    });
    b.close();
    await a.send(1);
    await a.recv();
    await worker.terminate();
    await t.throwsAsync(a.recv(), { code: 'EOF' });
    a.close();
  }),
);

test.serial(
  'a handle serves once',
  leavesNothing(async (t) => {
    const [a, b] = Pipe();
    const clone = structuredClone({ b });
    const { b: first } = reviveHandles(clone) as { b: Connection };
    await a.send(1);
    t.is(await first.recv(), 1);
    t.throws(() => reviveHandles(clone), { code: 'ERR_DESTROYED' });
    for (const connection of [a, b, first]) connection.close();
  }),
);
