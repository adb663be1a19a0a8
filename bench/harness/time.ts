/** Nanoseconds one call of `run` takes, over `times` calls in a row. */
export function nanosecondsPer(times: number, run: () => unknown): number {
  const start = process.hrtime.bigint();
  for (let i = 0; i < times; i++) run();
  return Number(process.hrtime.bigint() - start) / times;
}

/** The same for calls that are awaited one after the other. */
export async function nanosecondsPerAsync(times: number, run: () => Promise<unknown>): Promise<number> {
  const start = process.hrtime.bigint();
  for (let i = 0; i < times; i++) await run();
  return Number(process.hrtime.bigint() - start) / times;
}
