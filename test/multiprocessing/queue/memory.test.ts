import { readdirSync, readlinkSync, statSync } from 'node:fs';
import test from 'ava';
import { Queue } from 'prong';

/** Bytes of memory that the shared arena takes. */
function arenaBytes(): number {
  for (const fd of readdirSync('/proc/self/fd')) {
    try {
      if (readlinkSync(`/proc/self/fd/${fd}`).includes('memfd:prong')) {
        return statSync(`/proc/self/fd/${fd}`).blocks * 512;
      }
    } catch {
      // The descriptor of the directory that was just read.
    }
  }
  throw new Error('there is no arena');
}

const MB = 1 << 20;

test.serial('memory is given back after a burst', (t) => {
  const queue = new Queue();
  queue.putSync(0);
  queue.getSync();
  const before = arenaBytes();
  for (let n = 0; n < 2000; n++) {
    queue.putSync(Buffer.alloc(15_000));
    queue.putSync({ text: 'x'.repeat(900) });
  }
  queue.putSync(Buffer.alloc(20 * MB));
  t.true(arenaBytes() - before > 50 * MB);
  for (let n = 0; n < 4001; n++) queue.getSync();
  // What flows may be kept for what comes next, up to a limit.
  t.true(arenaBytes() - before < 20 * MB, `${arenaBytes() - before} bytes are kept`);
  t.throws(() => queue.getSync({ timeout: 100 }), { code: 'ERR_QUEUE_EMPTY' });
  // A page stays of each block that was given back.
  t.true(arenaBytes() - before < 3 * MB, `${arenaBytes() - before} bytes are kept by an idle queue`);
});

test.serial('an immediate shutdown gives memory back', (t) => {
  const queue = new Queue();
  const before = arenaBytes();
  for (let n = 0; n < 500; n++) queue.putSync(Buffer.alloc(20_000));
  t.true(arenaBytes() - before > 5 * MB);
  queue.shutdown({ immediate: true });
  queue.close();
  t.true(arenaBytes() - before < 3 * MB);
});
