/** Values as bytes and back. Connections among them become descriptors that go along. */
import * as serializer from '../serialize/index.js';
import { withArrived, withShipment } from './shipment.js';

/** `fds`, where the connection can carry them, takes what has to go along; they are copies, to be closed. */
export function encode(value: unknown, fds: number[] | undefined): Uint8Array {
  return withShipment(fds, () => serializer.encode(value));
}

export function decode(bytes: Uint8Array, fds: number[]): unknown {
  return withArrived(fds, () => serializer.decode(bytes));
}
