/** Objects and strings on V8's heap until the process is `megabytes` large. Keep what it returns. */
export function fillHeap(megabytes: number): unknown[] {
  const kept: unknown[] = [];
  let i = 0;
  while (process.memoryUsage.rss() < megabytes * 2 ** 20) {
    const chunk: unknown[] = [];
    for (let n = 0; n < 2000; n++, i++) chunk.push({ id: i, name: `entry number ${i}`, tags: [i, i + 1] });
    // Parsed, as data mostly is: strings that were put together are rewritten when they are first read.
    kept.push(JSON.parse(JSON.stringify(chunk)));
  }
  return kept;
}

/** Reads every object and every character of it. */
export function readHeap(kept: unknown): number {
  let sum = 0;
  for (const chunk of kept as Array<Array<{ id: number; name: string; tags: number[] }>>) {
    for (const { id, name, tags } of chunk) {
      sum += id + tags[0]! + tags[1]!;
      for (let i = 0; i < name.length; i++) sum += name.charCodeAt(i);
    }
  }
  return sum;
}
