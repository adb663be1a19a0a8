/** Values as bytes and back. Connections among them become descriptors that go along. */
import * as serializer from '../serialize/index.js';
import { withArrived, withShipment } from './shipment.js';

/**
 * `fds`, where the connection can carry them, takes what has to go along; they are copies, to be closed. The bytes are good until the
 * next call: what isn't sent at once has to be copied.
 */
export function encode(value: unknown, fds: number[] | undefined): Uint8Array {
  const { buffer, length } = withShipment(fds, () => serializer.encodeShared(value));
  return buffer.subarray(0, length);
}

export function decode(bytes: Uint8Array, fds: number[]): unknown {
  return withArrived(fds, () => serializer.decode(bytes));
}
