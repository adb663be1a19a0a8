/** What the pools are to do; the peers load it as a file of their own, prong and CPython as they find it. */

export const ITEMS = Array.from({ length: 10_000 }, (_, i) => i);
export const SPINS = Array.from({ length: 64 }, () => 5);
export const RESULTS = Array.from({ length: 32 }, (_, i) => i);
export const LOOKS = Array.from({ length: 200 }, (_, i) => i);

export const tiny = (x: number): number => x + 1;

export function spin(ms: number): void {
  const end = performance.now() + ms;
  while (performance.now() < end);
}

/** 4 MB. */
export const large = (x: number): Float64Array => new Float64Array(1 << 19).fill(x);

const STRINGS = 1_000_000;
const LENGTH = 100;
const NUMBERS = 12_500_000;

/** 100 MB. */
export function makeStrings(): string[] {
  const tail = 'x'.repeat(LENGTH - 8);
  return Array.from({ length: STRINGS }, (_, i) =>
    Buffer.from(`${String(i).padStart(8)}${tail}`).toString('latin1'),
  );
}

/** 100 MB. */
export function makeNumbers(shared: boolean): Float64Array {
  const bytes = NUMBERS * Float64Array.BYTES_PER_ELEMENT;
  return new Float64Array(shared ? new SharedArrayBuffer(bytes) : new ArrayBuffer(bytes)).fill(1.5);
}

/** A two-hundredth of it. */
export function lookAtStrings(all: readonly string[], part: number): number {
  const size = STRINGS / LOOKS.length;
  let sum = 0;
  for (let i = part * size; i < (part + 1) * size; i++) sum += (all[i] as string).charCodeAt(5);
  return sum;
}

export function lookAtNumbers(all: Float64Array, part: number): number {
  const size = NUMBERS / LOOKS.length;
  let sum = 0;
  for (let i = part * size; i < (part + 1) * size; i++) sum += all[i] as number;
  return sum;
}
