/** Values as bytes and back. Connections among them become descriptors that go along. */

import { type Leaving, whileArrived, whileLeaving } from '../serialize/beside.js';
import * as serializer from '../serialize/index.js';
import { BLOCK, map, pack } from './block.js';
import { ship, unship, withArrived, withShipment } from './shipment.js';

/** Sending more descriptors in a message than it can hold is an error; the values' own are to have room. */
const MOST_BLOCKS = 32;

/**
 * `fds`, where the connection can carry them, takes what has to go along; they are copies, to be closed. The bytes are good until the
 * next call: what isn't sent at once has to be copied.
 */
export function encode(value: unknown, fds: number[] | undefined): Uint8Array {
  const { buffer, length } = withShipment(fds, () => serializer.encodeShared(value));
  return buffer.subarray(0, length);
}

/** As `encode`, but large buffers in the value go along in blocks, which are copied once. */
export function encodeWithBlocks(value: unknown, fds: number[]): Uint8Array {
  let blocks = 0;
  const leaving: Leaving = {
    least: BLOCK,
    put(bytes) {
      if (blocks === MOST_BLOCKS) return undefined;
      const fd = pack(bytes);
      if (fd === undefined) return undefined;
      blocks++;
      return ship(() => fd);
    },
  };
  return whileLeaving(leaving, () => encode(value, fds));
}

export function decode(bytes: Uint8Array, fds: number[]): unknown {
  return withArrived(fds, () => serializer.decode(bytes));
}

/** What `encodeWithBlocks` made. From a peer that is trusted: a block may be larger than what was sent for it. */
export function decodeWithBlocks(bytes: Uint8Array, fds: number[]): unknown {
  const arrived = (place: number): ArrayBuffer | undefined => {
    const fd = unship(place);
    return fd === undefined ? undefined : map(fd);
  };
  return whileArrived(arrived, () => decode(bytes, fds));
}
