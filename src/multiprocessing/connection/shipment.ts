/** How a Connection among values finds the descriptors that travel beside the message it is in. */
import { close } from '../../posix/descriptors.js';

let leaving: number[] | undefined;
let arrived: number[] | undefined;

export function withShipment<T>(fds: number[] | undefined, run: () => T): T {
  const outer = leaving;
  leaving = fds;
  try {
    return run();
  } catch (error) {
    for (const fd of fds ?? []) close(fd);
    if (fds) fds.length = 0;
    throw error;
  } finally {
    leaving = outer;
  }
}

/** Those that nothing in the value has taken are closed. */
export function withArrived<T>(fds: number[], run: () => T): T {
  const outer = arrived;
  arrived = fds;
  try {
    return run();
  } finally {
    arrived = outer;
    for (const fd of fds) if (fd >= 0) close(fd);
  }
}

/** Sends a copy along; its place, or `undefined` where nothing can go along. */
export function ship(copy: () => number): number | undefined {
  return leaving === undefined ? undefined : leaving.push(copy()) - 1;
}

export function unship(place: number): number | undefined {
  const fd = arrived?.[place];
  if (fd === undefined || fd < 0) return undefined;
  arrived![place] = -1;
  return fd;
}
