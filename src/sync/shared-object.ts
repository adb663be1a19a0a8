/** What all primitives are: an object in shared memory, and fields by which a clone of it can be told. */
import { inspect } from 'node:util';
import { core, type KindName, type Place, type PlaceRef } from './core.js';
import { type Handle, handleKind, registerHandleType } from './handle.js';

/** Tells a constructor to stand for an object that is there already. */
export class Adopted {
  constructor(
    readonly place: Place,
    readonly data: Handle,
  ) {}
}

/** What is known of an object's memory, apart from the object itself. */
interface Footing {
  readonly ref: PlaceRef;
  /** Made here, and the number of forks then. `undefined`: found by a handle. */
  readonly forks: number | undefined;
  /** A handle or a clone of it has been made. */
  escaped: boolean;
  readonly free: (ref: PlaceRef) => void;
}

const known = new Map<number, WeakRef<object>>();

// Memory goes back when the object is collected, if nobody else can know it: no handle was made, and no process forked since.
// Otherwise it stays until the last process that uses the arena has ended.
const collected = new FinalizationRegistry<Footing>(({ ref, forks, escaped, free }) => {
  if (known.get(ref.at)?.deref() === undefined) known.delete(ref.at);
  if (forks === core.forks() && !escaped) free(ref);
});

export abstract class SharedObject {
  /** @internal The fields that survive a structured clone: such a clone is a handle. */
  readonly __prong: string;
  /** @internal */
  declare readonly ref: PlaceRef;

  protected constructor(
    place: { ref: PlaceRef },
    kind: string,
    isNew: boolean,
    free: (ref: PlaceRef) => void = core.free,
  ) {
    const { ref } = place;
    const footing: Footing = { ref, forks: isNew ? core.forks() : undefined, escaped: false, free };
    this.__prong = kind;
    // A getter, so that cloning it is noticed, by postMessage too.
    Object.defineProperty(this, 'ref', {
      enumerable: true,
      get() {
        footing.escaped = true;
        return ref;
      },
    });
    if (ref.at !== 0) {
      known.set(ref.at, new WeakRef(this));
      collected.register(this, footing);
    }
  }

  /** @internal */
  [inspect.custom](): string {
    return `${this.constructor.name} { ${this.describe()} }`;
  }

  /** @internal What `console.log` shows between the braces. */
  protected abstract describe(): string;
}

/** The live JavaScript object for a place, so that a primitive that comes home is the one that left. */
export function knownAt(ref: PlaceRef): object | undefined {
  const object = ref.at === 0 ? undefined : (known.get(ref.at)?.deref() as SharedObject | undefined);
  return object !== undefined && object.ref.serial === ref.serial ? object : undefined;
}

/** The error for a handle whose object has been freed. */
export function gone(name: string): Error {
  const error = new Error(`this ${name} exists no more: everybody who had it has given it up`);
  return Object.assign(error, { code: 'ERR_DESTROYED' });
}

/** Registers a class of primitives under its name. */
export function travels(
  type: { prototype: object },
  name: string,
  kind: KindName,
  adopt: (adopted: Adopted) => object,
): void {
  Object.defineProperty(type.prototype, handleKind, { value: name });
  registerHandleType(name, {
    pack: (object) => ({ ...(object as Record<string, unknown>) }),
    unpack(data) {
      const ref = data.ref as PlaceRef;
      const object = knownAt(ref);
      if (object !== undefined) return object;
      const place = core.find(kind, ref);
      if (place === undefined) throw gone(name);
      return adopt(new Adopted(place, data));
    },
  });
}
