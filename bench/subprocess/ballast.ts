// What makes a process large: 'none', 'heap' (500 MB of objects), 'buffer' (one of 500 MB, every page touched).

const MEGABYTE = 1024 * 1024;
const MEGABYTES = 500;

/** Something of that size; keep it as long as it is to count. */
export function makeBallast(kind: string): ArrayLike<unknown> {
  if (kind === 'buffer') return Buffer.alloc(MEGABYTES * MEGABYTE, 1);
  if (kind !== 'heap') return [1];
  const objects: unknown[] = [];
  while (process.memoryUsage().heapUsed < MEGABYTES * MEGABYTE) {
    for (let i = 0; i < 100_000; i += 1) objects.push({ i, next: [i, i + 1] });
  }
  return objects;
}
