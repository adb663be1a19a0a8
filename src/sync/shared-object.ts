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

const known = new Map<number, WeakRef<object>>();
const forgotten = new FinalizationRegistry<number>((at) => {
  if (known.get(at)?.deref() === undefined) known.delete(at);
});

export abstract class SharedObject {
  /** @internal The fields that survive a structured clone: such a clone is a handle. */
  readonly __prong: string;
  /** @internal */
  readonly ref: PlaceRef;

  protected constructor(place: { ref: PlaceRef }, kind: string) {
    this.__prong = kind;
    this.ref = place.ref;
    if (place.ref.at !== 0) {
      known.set(place.ref.at, new WeakRef(this));
      forgotten.register(this, place.ref.at);
    }
  }

  [inspect.custom](): string {
    return `${this.constructor.name} { ${this.describe()} }`;
  }

  /** @internal What `console.log` shows between the braces. */
  protected abstract describe(): string;
}

/** The live JavaScript object for a place, so that a primitive that comes home is the one that left. */
export function knownAt(ref: PlaceRef): object | undefined {
  const object = known.get(ref.at)?.deref() as SharedObject | undefined;
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
