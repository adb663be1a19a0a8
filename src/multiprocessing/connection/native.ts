/** The native side: binding/connection*.cc. */
import { nativePart, requireNative } from '../../binding.js';

declare const channel: unique symbol;
/** One end of a connection in C++. Closed when it is collected. */
export interface Channel {
  [channel]: true;
}

export interface ConnectionBinding {
  setScratch(memory: Uint8Array): void;
  open(fd: number): Channel;
  close(channel: Channel): void;
  detach(channel: Channel): number;
  isLocal(channel: Channel): boolean;
  shutdown(channel: Channel, reading: boolean): void;
  /** A message's length (it is in the scratch memory then), or one of `Got`. */
  receive(channel: Channel, limit: number, block: boolean): number;
  take(channel: Channel): Buffer;
  size(channel: Channel): number;
  inMessage(channel: Channel): boolean;
  forgetPartial(channel: Channel): void;
  takeFds(channel: Channel): number[];
  send(
    channel: Channel,
    bytes: Uint8Array,
    position: number,
    fds: number[] | undefined,
    block: boolean,
  ): number;
  waitFor(fds: readonly number[], write: boolean, ms: number): number[];
  errorOf(errno: number, syscall: string): NodeJS.ErrnoException;

  onReady(callback: (reports: number[]) => void): void;
  watch(fd: number): number;
  want(id: number, wanted: number): number;
  unwatch(id: number): void;
  afterFork(): void;

  pair(): [number, number];
  listen(host: string, port: number | undefined, backlog: number): number;
  accept(fd: number, block: boolean): number;
  connect(host: string, port: number | undefined): [fd: number, pending: boolean] | undefined;
  finishConnect(fd: number, text: string): void;
  nameOf(fd: number, peer: boolean): string | [host: string, port: number];
}

/** What `receive` and `send` answer besides lengths; the same numbers as in core/ipc/channel.h. */
export const Got = {
  again: -1,
  end: -2,
  large: -3,
  tooLong: -4,
  garbage: -5,
  truncated: -6,
  errors: -1000,
} as const;

const SCRATCH = 64 << 10;
let binding: ConnectionBinding | undefined;

/** Where short messages arrive. */
export let scratch: Buffer;

export const hasNative = nativePart('connection') !== undefined;

/** Throws `ENOTSUP` without an addon; `what` names the call. */
export function native(what = 'a Connection'): ConnectionBinding {
  if (binding === undefined) {
    binding = requireNative<ConnectionBinding>('connection', what);
    scratch = Buffer.allocUnsafeSlow(SCRATCH);
    binding.setScratch(scratch);
  }
  return binding;
}
