/** Values that differ from thread to thread. */
import { inspect } from 'node:util';
import { threadId } from 'node:worker_threads';
import { nativePart } from '../binding.js';
import { type Handle, handleKind, registerHandleType } from '../sync/handle.js';
import { invalidValue } from '../util/check.js';

interface TlsBinding {
  get(): Map<string, unknown> | undefined;
  set(values: Map<string, unknown>): void;
}

const KIND = 'posix.ThreadLocal';

const native = nativePart<TlsBinding>('tls');
let made = 0;
// Without the addon: a module's variable is a thread's own, too.
let own: Map<string, unknown> | undefined;

function values(): Map<string, unknown> {
  let map = native ? native.get() : own;
  if (map === undefined) {
    map = new Map();
    if (native) native.set(map);
    else own = map;
  }
  return map;
}

/**
 * Thread-specific data: a different value in every thread, on a `pthread_key_t` that all instances share, so that there can
 * be any number of them. Values die with their thread or by `delete()`. It travels to Workers as a handle; the child
 * of a `fork()` starts with the values of the thread that forked.
 *
 * @see https://pubs.opengroup.org/onlinepubs/9799919799/functions/pthread_getspecific.html
 */
export class ThreadLocal<T = unknown> {
  /** @internal These fields survive a structured clone: such a clone is a handle. */
  readonly __prong: string = KIND;
  /** @internal */
  readonly key: string;

  constructor() {
    made++;
    this.key = `${threadId}-${made}`;
  }

  /** The thread-local that a handle or a structured clone stands for. */
  static fromHandle<T>(handle: object): ThreadLocal<T> {
    const { key } = (handle ?? {}) as { key?: unknown };
    if (typeof key !== 'string') throw invalidValue('handle', 'must be the handle of a ThreadLocal', handle);
    return Object.assign(Object.create(ThreadLocal.prototype), { __prong: KIND, key });
  }

  /** This thread's value; `undefined` where it has set none. */
  get(): T | undefined {
    return values().get(this.key) as T | undefined;
  }

  /** Sets this thread's value. */
  set(value: T): void {
    values().set(this.key, value);
  }

  /** Takes this thread's value away. Whether there was one. */
  delete(): boolean {
    return values().delete(this.key);
  }

  /** @internal */
  [inspect.custom](): string {
    return `ThreadLocal { ${inspect(this.get())} }`;
  }
}

Object.defineProperty(ThreadLocal.prototype, handleKind, { value: KIND });
registerHandleType(KIND, {
  pack: (object) => ({ key: (object as ThreadLocal).key }),
  unpack: (handle: Handle) => ThreadLocal.fromHandle(handle),
});
