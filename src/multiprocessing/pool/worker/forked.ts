/** A worker that is a copy of its pool's process: functions and large inputs are found where they lie. */
import { SocketLine } from '../line/socket-line.js';
import type { OrderMessage } from '../protocol.js';
import { type AnyFunction, serve } from './serve.js';

export interface ForkedDuty {
  /** The worker's end of its line. */
  fd: number;
  known: Map<number, object>;
  begun: { 0: number };
  initializer: AnyFunction | undefined;
  initargs: readonly unknown[];
}

/** Settles when the pool has no more use for the worker. */
export async function workForked({ fd, known, begun, initializer, initargs }: ForkedDuty): Promise<void> {
  let gone: () => void = () => {};
  const left = new Promise<void>((resolve) => {
    gone = resolve;
  });
  const line = new SocketLine(fd, {
    message: (order) => take(order as unknown as OrderMessage),
    end: () => gone(),
  });
  const { take, ended } = serve(
    {
      reply: (message) => line.send(message),
      find(id) {
        if (!known.has(id))
          throw new Error(`the worker was sent a task of number ${id}, which it can't know`);
        return known.get(id);
      },
      learn() {},
      begun,
    },
    () => initializer?.(...initargs),
  );
  line.hold(true);
  await Promise.race([ended, left]);
  line.close();
}
