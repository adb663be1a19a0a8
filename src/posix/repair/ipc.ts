/** The IPC channel of a process that was started with one stays the parent's. */
interface ChannelHandle {
  readStop?(): void;
  close(): void;
}

/**
 * Messages that were read together with the one being handled wait in the tick queue. They are the parent's: until the
 * ticks that were queued before the fork are over, nobody hears of them.
 */
function muteQueuedMessages(): void {
  const own = Object.getOwnPropertyDescriptor(process, 'emit');
  const { emit } = process;
  const muted = function (this: NodeJS.Process, event: string, ...args: unknown[]): boolean {
    if (event === 'message' || event === 'internalMessage' || event === 'disconnect') return false;
    return Reflect.apply(emit, this, [event, ...args]) as boolean;
  } as typeof process.emit;
  process.emit = muted;
  process.nextTick(() => {
    if (process.emit !== muted) return;
    if (own === undefined) delete (process as Partial<NodeJS.Process>).emit;
    else Object.defineProperty(process, 'emit', own);
  });
}

/**
 * In the child: gives up its copy of the channel before the loop can read a message that is the parent's. Nothing is
 * sent, and the other end notices nothing: the parent holds it open.
 */
export function leaveIpcChannel(owner: object = process): void {
  const symbol = Object.getOwnPropertySymbols(owner).find((each) => each.description === 'kChannelHandle');
  if (symbol === undefined) return;
  const holder = owner as unknown as Record<symbol | string, unknown>;
  const handle = holder[symbol] as ChannelHandle | null | undefined;
  if (handle === null || handle === undefined) return;
  handle.readStop?.();
  handle.close();
  holder[symbol] = null;
  for (const name of ['channel', '_channel', 'send', '_send', 'disconnect', '_disconnect'])
    delete holder[name];
  holder.connected = false;
  muteQueuedMessages();
}
