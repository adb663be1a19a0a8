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
  const chunks = kept as Array<Array<{ id: number; name: string; tags: number[] }>>;
  // Makes nothing, no iterator and no number on the heap: what is new isn't what is shared.
  for (let place = 0; place < chunks.length; place++) {
    const chunk = chunks[place]!;
    for (let at = 0; at < chunk.length; at++) {
      const { id, name, tags } = chunk[at]!;
      sum = (sum + id + tags[0]! + tags[1]!) & 0x3fffffff;
      for (let i = 0; i < name.length; i++) sum = (sum + name.charCodeAt(i)) & 0x3fffffff;
    }
  }
  return sum;
}
