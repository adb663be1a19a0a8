import { Thread } from 'prong/threading';

/** Runs a function in a thread and gives what it returned. */
// biome-ignore lint/suspicious/noExplicitAny: any function
export async function inThread<T>(target: (...args: any[]) => T, ...args: unknown[]): Promise<Awaited<T>> {
  const thread = new Thread({ target, args });
  await thread.start();
  await thread.join();
  return (await thread.result) as Awaited<T>;
}
