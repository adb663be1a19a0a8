/**
 * How a connection travels. Sent over another one it goes along as a descriptor; anywhere else (to a Worker, into a
 * queue) a copy of the descriptor stays open in this process, under its number, until whoever the handle is for takes it.
 */
import { fstatSync } from 'node:fs';
import { ProngError } from '../../errors.js';
import { close, dup } from '../../posix/descriptors.js';
import { handleKind, registerHandleType } from '../../sync/handle.js';
import { ship, unship } from './shipment.js';

interface Ends {
  fd: number;
  readable: boolean;
  writable: boolean;
}

interface Ticket {
  /** Its place among the descriptors that go along. */
  place?: number;
  /** The copy, and what it must be: numbers are used again. */
  fd?: number;
  inode?: string;
  readable: boolean;
  writable: boolean;
}

const KIND = 'Connection';

function inodeOf(fd: number): string | undefined {
  try {
    const { dev, ino } = fstatSync(fd, { bigint: true });
    return `${dev}:${ino}`;
  } catch {
    return undefined;
  }
}

function ticketFor({ fd, readable, writable }: Ends): Ticket {
  const place = ship(() => dup(fd));
  if (place !== undefined) return { place, readable, writable };
  const copy = dup(fd);
  return { fd: copy, inode: inodeOf(copy)!, readable, writable };
}

function redeem({ place, fd, inode }: Ticket): number {
  if (place !== undefined) {
    const arrived = unship(place);
    if (arrived !== undefined) return arrived;
  } else if (fd !== undefined && inode !== undefined && inodeOf(fd) === inode) {
    const own = dup(fd);
    close(fd);
    return own;
  }
  throw new ProngError(
    'ERR_DESTROYED',
    'this Connection cannot be had here: its handle was used before, or came from another process in a way that carries ' +
      'no descriptors. Send it over a Connection, or let a fork inherit it',
  );
}

/** Gives an object the fields that survive a structured clone: made at each cloning, since each needs a descriptor. */
export function makeTravel(connection: object, ends: () => Ends): void {
  Object.defineProperty(connection, '__prong', { value: KIND, enumerable: true });
  Object.defineProperty(connection, 'ticket', { enumerable: true, get: () => ticketFor(ends()) });
}

export function registerConnection(
  type: { prototype: object },
  make: (fd: number, options: { readable: boolean; writable: boolean }) => object,
): void {
  Object.defineProperty(type.prototype, handleKind, { value: KIND });
  registerHandleType(KIND, {
    pack: (object) => ({ ticket: (object as { ticket: Ticket }).ticket }),
    unpack(data) {
      const ticket = data.ticket as Ticket;
      const { readable, writable } = ticket;
      return make(redeem(ticket), { readable, writable });
    },
  });
}
