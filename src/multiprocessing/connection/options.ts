import { constants } from 'node:buffer';
import { checkInteger, checkTimeout, invalidType } from '../../util/check.js';

export interface WaitOptions {
  /** Milliseconds; `undefined` waits for ever, 0 does not wait. */
  timeout?: number | undefined;
}

export interface RecvBytesOptions extends WaitOptions {
  /** A longer message is an error (`EMSGSIZE`), and ends the connection. */
  maxlength?: number | undefined;
}

export interface SendBytesOptions extends WaitOptions {
  /** Where in `bytes` the message starts. */
  offset?: number | undefined;
  /** How many bytes it has. */
  size?: number | undefined;
}

function checkOptions(options: unknown): void {
  if (options !== undefined && (typeof options !== 'object' || options === null)) {
    throw invalidType('options', 'an object', options);
  }
}

export function timeoutOf(options: WaitOptions | undefined): number {
  if (options === undefined) return Number.POSITIVE_INFINITY;
  checkOptions(options);
  return checkTimeout(options.timeout);
}

/** As Python's `poll`: at once, unless a limit is named; naming `undefined` waits for ever. */
export function pollTimeoutOf(options: WaitOptions | number | undefined): number {
  if (typeof options === 'number') return checkTimeout(options, 'timeout');
  if (options === undefined) return 0;
  checkOptions(options);
  return 'timeout' in options ? checkTimeout(options.timeout) : 0;
}

export function maxlengthOf(value: unknown, name: string): number {
  if (value === undefined) return constants.MAX_LENGTH;
  if (value === Number.POSITIVE_INFINITY) return constants.MAX_LENGTH;
  checkInteger(name, value, 0);
  return Math.min(value, constants.MAX_LENGTH);
}

export function bytesOf(data: unknown, options: SendBytesOptions | undefined): Uint8Array {
  checkOptions(options);
  let bytes: Uint8Array;
  if (data instanceof Uint8Array) bytes = data;
  else if (ArrayBuffer.isView(data)) bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  else if (data instanceof ArrayBuffer || data instanceof SharedArrayBuffer) bytes = new Uint8Array(data);
  else if (typeof data === 'string') bytes = Buffer.from(data);
  else throw invalidType('bytes', 'a string, an ArrayBuffer, a Buffer, a TypedArray or a DataView', data);
  if (options?.offset === undefined && options?.size === undefined) return bytes;
  const offset = options.offset ?? 0;
  checkInteger('options.offset', offset, 0, bytes.length);
  const size = options.size ?? bytes.length - offset;
  checkInteger('options.size', size, 0, bytes.length - offset);
  return bytes.subarray(offset, offset + size);
}
