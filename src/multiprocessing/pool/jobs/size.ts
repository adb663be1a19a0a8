/** Whether a value is so large that forking a worker, which finds it where it lies, costs less than sending it. */

/** A fork costs what copying about so much does, more than once (bench/pool). */
const LARGE = 8 << 20;
/** How many values are looked at; beyond, a list is taken to go on as it began. */
const LOOKS = 256;
const PER_VALUE = 8;

class Estimate {
  #looks = 0;
  readonly #seen = new Set<object>();

  of(value: unknown): number {
    if (typeof value === 'string') return value.length;
    if (typeof value !== 'object' || value === null || this.#seen.has(value)) return PER_VALUE;
    this.#seen.add(value);
    if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) return value.byteLength;
    if (Array.isArray(value)) return this.#list(value);
    if (value instanceof Map || value instanceof Set) {
      return this.#list([...sample<unknown>(value)].flat()) * Math.max(1, value.size / LOOKS);
    }
    return this.#list(Object.values(value));
  }

  #list(values: readonly unknown[]): number {
    let bytes = 0;
    let looked = 0;
    // Evenly over the list.
    const step = Math.max(1, Math.floor(values.length / LOOKS));
    for (let i = 0; i < values.length && this.#looks < LOOKS; i += step) {
      this.#looks++;
      looked++;
      bytes += this.of(values[i]) + PER_VALUE;
    }
    return looked === 0 ? values.length * PER_VALUE : (bytes / looked) * values.length;
  }
}

function* sample<T>(values: Iterable<T>): Generator<T> {
  let count = 0;
  for (const value of values) {
    if (count++ === LOOKS) return;
    yield value;
  }
}

export function isLarge(value: unknown): boolean {
  return new Estimate().of(value) > LARGE;
}
