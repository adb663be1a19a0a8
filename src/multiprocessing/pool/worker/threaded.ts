/** The first code of a worker that is a thread. */
import { isMainThread, workerData } from 'node:worker_threads';
import { reviveValue } from '../../../closure/revive-value.js';
import type { SerializedClosure } from '../../../closure/types.js';
import { getNativeId } from '../../../threading/native-id.js';
import { useDirectStdio } from '../../../threading/stdio.js';
import { PortLine } from '../line/port-line.js';
import type { OrderMessage } from '../protocol.js';
import { learnt } from './learn.js';
import { type AnyFunction, serve } from './serve.js';
import { type ThreadDuty, Word } from './thread-words.js';

interface Start {
  initializer: AnyFunction;
  initargs: unknown[];
}

function main({ port, bell, words, closure }: ThreadDuty['prongPool']): void {
  useDirectStdio();
  Atomics.store(words, Word.nativeId, getNativeId() ?? 0);
  process.on('exit', (code) => {
    Atomics.store(words, Word.ended, code + 1);
    Atomics.add(bell, 0, 1);
    Atomics.notify(bell, 0);
  });
  const functions = new Map<number, unknown>();
  const line = new PortLine(port, bell, {
    message: (order) => take(order as unknown as OrderMessage),
    end: () => process.exit(0),
  });
  const { take, ended } = serve(
    {
      // An error must arrive whole; anything else may be what only threads can share.
      reply: (message) =>
        message[3] === undefined && message.length === 4 ? line.send(message) : line.sendBytes(message),
      find: (id) => functions.get(id),
      async learn(id, closureOfIt) {
        functions.set(id, await learnt(closureOfIt as SerializedClosure));
      },
      begun: words as unknown as { 0: number },
    },
    async () => {
      if (closure === undefined) return;
      const { initializer, initargs } = (await reviveValue(closure)) as Start;
      await initializer(...initargs);
    },
  );
  line.hold(true);
  void ended.then(() => process.exit(0));
}

const given = workerData as Partial<ThreadDuty> | null;
if (!isMainThread && given?.prongPool) main(given.prongPool);
