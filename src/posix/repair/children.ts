/** A program that `child_process` started reports to the process that started it, and to no forked child of that. */
import { ChildProcess } from 'node:child_process';
import type { Socket } from 'node:net';

interface Handle {
  unref?(): void;
  readStop?(): void;
}

interface Owner {
  _handle?: Handle | null;
}

function quieten(owner: Owner | null | undefined): void {
  owner?._handle?.readStop?.();
  owner?._handle?.unref?.();
}

/** In the child: the parent's `ChildProcess`es and their pipes neither fire nor keep it alive. */
export function leaveChildProcesses(handles: unknown[]): void {
  for (const handle of handles) {
    if (!(handle instanceof ChildProcess)) continue;
    quieten(handle as unknown as Owner);
    for (const stream of handle.stdio ?? []) quieten(stream as Socket & Owner);
    const channel = (handle as unknown as { channel?: { unref?(): void } }).channel;
    channel?.unref?.();
  }
}
