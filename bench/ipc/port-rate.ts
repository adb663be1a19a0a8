/** `port-rate <kind> <pairs>`: messages per second through MessagePorts between worker threads. */
import {
  isMainThread,
  MessageChannel,
  type MessagePort,
  parentPort,
  Worker,
  workerData,
} from 'node:worker_threads';
import { COUNTS, type Kind, LARGE_UNDER_WAY, messageOf } from './messages.js';

if (isMainThread) {
  const kind = process.argv[2] as Kind;
  const pairs = Number(process.argv[3]);
  const each = Math.floor(COUNTS[kind] / pairs);
  const workers = Array.from({ length: pairs }, () => {
    const { port1, port2 } = new MessageChannel();
    return [port1, port2].map(
      (port, index) =>
        new Worker(new URL(import.meta.url), {
          workerData: { port, kind, each, writes: index === 0 },
          transferList: [port],
        }),
    );
  }).flat();
  await Promise.all(workers.map((worker) => new Promise((resolve) => worker.once('message', resolve))));
  const readers = workers.filter((_, index) => index % 2 === 1);
  const ends = Promise.all(
    readers.map((worker) => new Promise((resolve) => worker.once('message', resolve))),
  );
  const start = process.hrtime.bigint();
  for (const worker of workers) worker.postMessage('go');
  await ends;
  console.log((each * pairs) / (Number(process.hrtime.bigint() - start) / 1e9));
  for (const worker of workers) void worker.terminate();
} else {
  const { port, kind, each, writes } = workerData as {
    port: MessagePort;
    kind: Kind;
    each: number;
    writes: boolean;
  };
  let got = 0;
  parentPort!.postMessage('ready');
  if (writes) {
    let acknowledged = 0;
    const message = messageOf(kind);
    port.on('message', () => acknowledged++);
    parentPort!.once('message', async () => {
      for (let n = 0; n < each; n++) {
        port.postMessage(message);
        while (kind === 'buffer' && n - acknowledged > LARGE_UNDER_WAY) await new Promise(setImmediate);
      }
    });
  } else {
    port.on('message', () => {
      if (kind === 'buffer') port.postMessage(0);
      if (++got === each) parentPort!.postMessage('done');
    });
  }
}
