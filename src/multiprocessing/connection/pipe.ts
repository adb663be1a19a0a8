import { checkBoolean, invalidType } from '../../util/check.js';
import { Connection } from './connection.js';
import { native } from './native.js';

/** One way, or both. */
export interface PipeOptions {
  /** Both ends send and receive (the default); `false`: the first only receives, the second only sends. */
  duplex?: boolean | undefined;
}

/**
 * Two connections, each the other's end: between processes once one of them forks, between threads when one end is passed to
 * a thread.
 *
 * @throws `EMFILE`, and `ENOTSUP` without the native addon
 * @see Python's `multiprocessing.Pipe`
 */
export function Pipe(options: PipeOptions | boolean = {}): [Connection, Connection] {
  if (typeof options !== 'boolean' && (typeof options !== 'object' || options === null)) {
    throw invalidType('options', 'an object', options);
  }
  const duplex = typeof options === 'boolean' ? options : (options.duplex ?? true);
  checkBoolean('options.duplex', duplex);
  const [first, second] = native('Pipe()').pair();
  return [
    new Connection(first, { readable: true, writable: duplex }),
    new Connection(second, { readable: duplex, writable: true }),
  ];
}
