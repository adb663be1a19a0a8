import type * as CaptureModule from '../closure/capture-value.js';
import { reviveFunctionSync } from '../closure/revive-value.js';
import type { SerializedClosure } from '../closure/types.js';
import { handleKind, registerHandleType } from '../sync/handle.js';
import { checkFunction, invalidType } from '../util/check.js';
import { makeStorage, type Storage, storageFor } from './local-storage.js';

/** How the data of a thread comes to be. */
export interface LocalOptions<T extends object> {
  /** Called once in each thread, on first use: sets properties of what it is given, or returns an object that has them. */
  init?: (data: T) => unknown;
}

interface Inside {
  storage: Storage;
  init?: (data: object) => unknown;
}

const insides = new WeakMap<object, Inside>();
/** One object for one `local()`, however often it arrives here. */
const known = new Map<string, WeakRef<object>>();

function values({ storage, init }: Inside): object {
  let data = storage.get();
  if (data === undefined) {
    data = {};
    storage.set(data);
    const more = init?.(data);
    if (typeof more === 'object' && more !== null) Object.assign(data, more);
  }
  return data;
}

function makeLocal(inside: Inside): object {
  const data = (): object => values(inside);
  const made = new Proxy(
    {},
    {
      get: (_, key) => (key === handleKind ? 'local' : Reflect.get(data(), key)),
      set: (_, key, value) => Reflect.set(data(), key, value),
      has: (_, key) => key === handleKind || Reflect.has(data(), key),
      deleteProperty: (_, key) => Reflect.deleteProperty(data(), key),
      ownKeys: () => Reflect.ownKeys(data()),
      getOwnPropertyDescriptor: (_, key) => {
        const own = Reflect.getOwnPropertyDescriptor(data(), key);
        // What a proxy shows must be configurable, since its target has nothing.
        return own && { ...own, configurable: true };
      },
      defineProperty: (_, key, descriptor) =>
        Reflect.defineProperty(data(), key, { ...descriptor, configurable: true }),
    },
  );
  insides.set(made, inside);
  known.set(inside.storage.id, new WeakRef(made));
  return made;
}

/**
 * An object whose properties are each thread's own, on a real thread-specific-data key: Python's `threading.local()`. The same
 * object, used by functions that run in several threads, gives each its own values; a thread that never set a property
 * reads `undefined`. The values die with their thread.
 * Throws `ERR_INVALID_ARG_TYPE`.
 */
// biome-ignore lint/suspicious/noExplicitAny: whatever is put into it
export function local<T extends object = Record<string, any>>(options: LocalOptions<T> = {}): T {
  if (typeof options !== 'object' || options === null)
    throw invalidType('options', 'of type object', options);
  if (options.init !== undefined) checkFunction('options.init', options.init);
  return makeLocal({ storage: makeStorage(), init: options.init as Inside['init'] }) as T;
}

registerHandleType('local', {
  pack: (object) => {
    const { storage, init } = insides.get(object) as Inside;
    if (!init) return { id: storage.id };
    const { captureFunction } = require('../closure/capture-value.js') as typeof CaptureModule;
    return { id: storage.id, init: captureFunction(init).data };
  },
  unpack: ({ id, init }) => {
    const found = known.get(id as string)?.deref();
    if (found) return found;
    const closure = init as SerializedClosure | undefined;
    return makeLocal({
      storage: storageFor(id as string),
      init: closure && ((data) => reviveFunctionSync(closure).call(undefined, data)),
    });
  },
});
