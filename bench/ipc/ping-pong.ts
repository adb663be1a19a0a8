/** `ping-pong <contender>`: microseconds for a message there and back, both ends on one processor. */
import {
  isMainThread,
  MessageChannel,
  type MessagePort,
  receiveMessageOnPort,
  Worker,
  workerData,
} from 'node:worker_threads';
import { Queue } from 'prong';
import { _exit, fork, schedGetaffinity, schedSetaffinity, waitpidSync } from 'prong/posix';

const what = process.argv[2] ?? (workerData as { what: string }).what;
const ROUNDS = what.includes('sync') || what === 'wait' ? 60_000 : 30_000;
const WARM = 3000;

function report(start: bigint): void {
  console.log(Number(process.hrtime.bigint() - start) / 1e3 / ROUNDS);
}

function pin(): void {
  schedSetaffinity(0, [[...schedGetaffinity(0)].sort()[0]!]);
}

async function queues(): Promise<void> {
  const there = new Queue<number>();
  const back = new Queue<number>();
  const pid = fork();
  const [from, to] = pid === 0 ? [there, back] : [back, there];
  let start = 0n;
  for (let n = 0; n < ROUNDS + WARM; n++) {
    if (n === WARM) start = process.hrtime.bigint();
    if (pid !== 0) to.putSync(n);
    if (what === 'queue-sync') from.getSync();
    else await from.get();
    if (pid === 0) to.putSync(n);
  }
  if (pid === 0) _exit(0);
  report(start);
  waitpidSync(pid);
}

interface Ends {
  port: MessagePort;
  words: Int32Array;
  what: string;
}

function ports({ port, words }: Ends, first: boolean): Promise<bigint> {
  let start = 0n;
  if (what === 'wait') {
    for (let n = 0; n < ROUNDS + WARM; n++) {
      if (n === WARM) start = process.hrtime.bigint();
      if (first) send();
      while (Atomics.exchange(words, first ? 0 : 1, 0) === 0) Atomics.wait(words, first ? 0 : 1, 0);
      receiveMessageOnPort(port);
      if (!first) send();
    }
    return Promise.resolve(start);
  }
  function send() {
    port.postMessage(1);
    if (what !== 'wait') return;
    Atomics.store(words, first ? 1 : 0, 1);
    Atomics.notify(words, first ? 1 : 0);
  }
  return new Promise((resolve) => {
    let n = 0;
    port.on('message', () => {
      if (++n === WARM) start = process.hrtime.bigint();
      if (n < ROUNDS + WARM || !first) send();
      if (n === ROUNDS + WARM) resolve(start);
    });
    if (first) send();
  });
}

if (!isMainThread) {
  await ports(workerData as Ends, false);
  (workerData as Ends).port.close();
} else {
  pin();
  if (what.startsWith('queue')) await queues();
  else {
    const { port1, port2 } = new MessageChannel();
    const words = new Int32Array(new SharedArrayBuffer(8));
    const worker = new Worker(new URL(import.meta.url), {
      workerData: { port: port2, words, what },
      transferList: [port2],
    });
    await new Promise((resolve) => worker.once('online', resolve));
    report(await ports({ port: port1, words, what }, true));
    port1.close();
  }
}
