/** A worker that is a new Node: functions travel to it. */
import { deserialize } from 'node:v8';
import type { SerializedClosure } from '../../../closure/types.js';
import { close, dup } from '../../../posix/descriptors.js';
import { SocketLine } from '../line/socket-line.js';
import type { OrderMessage } from '../protocol.js';
import { learnt } from './learn.js';
import { type AnyFunction, serve } from './serve.js';

export interface SpawnedDuty {
  fd: number;
  begun: { readonly view: unknown };
  initializer: AnyFunction | undefined;
  initargs: readonly unknown[];
}

/** Settles when the pool has no more use for the worker. */
export async function workSpawned({ fd, begun, initializer, initargs }: SpawnedDuty): Promise<void> {
  const functions = new Map<number, unknown>();
  let gone: () => void = () => {};
  const left = new Promise<void>((resolve) => {
    gone = resolve;
  });
  // The copy is closed by what the worker starts.
  const own = dup(fd);
  close(fd);
  const line = new SocketLine(own, {
    message: (order) => take(order as unknown as OrderMessage),
    end: () => gone(),
  });
  const { take, ended } = serve(
    {
      reply: (message) => line.send(message),
      find: (id) => functions.get(id),
      async learn(id, closure) {
        functions.set(id, await learnt(deserialize(closure as Uint8Array) as SerializedClosure));
      },
      begun: begun.view as { 0: number },
    },
    () => initializer?.(...initargs),
  );
  line.hold(true);
  await Promise.race([ended, left]);
  line.close();
}
