/** Runs a Node program in this process as if `node` had been started with it. */
import Module from 'node:module';
import { setTimeout } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';

/** How long a program that is loaded must live to count as started, in ms: a port in use shows itself by then. */
const TRIAL = 50;

// Left as it is by the compiler, which would make a require() of it.
const load = new Function('url', 'return import(url)') as (url: string) => Promise<unknown>;

/** Resolves when the main module has been evaluated, top-level await included. */
export async function runProgram(script: string, args: string[]): Promise<void> {
  process.argv.splice(1, process.argv.length - 1, script, ...args);
  (Module as unknown as { runMain(path: string): void }).runMain(script);
  // An ES module is still being evaluated. Its error ends the process by itself.
  if (require.cache[script] === undefined)
    await load(pathToFileURL(script).href).catch(() => new Promise(() => {}));
  await setTimeout(TRIAL);
}
