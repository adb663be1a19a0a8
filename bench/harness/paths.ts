import { fileURLToPath } from 'node:url';

// This file runs as .build/bench/harness/paths.js.
export const packageRoot = fileURLToPath(new URL('../../../', import.meta.url));

/** A file of bench/ as it lies in the repository (Python and C programs): `benchSource('fork/fork.py')`. */
export function benchSource(path: string): string {
  return `${packageRoot}bench/${path}`;
}

/** A compiled program of bench/: `benchProgram('fork/child')` for bench/fork/child.ts. */
export function benchProgram(path: string): string {
  return `${packageRoot}.build/bench/${path}.js`;
}
