// One sample in a process of its own: in-node.js <contender> <task> <ballast> <times>. Prints the number of the row.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { Popen, run, runSync } from 'prong/subprocess';
import { importPeer } from '../harness/suite.js';
import { makeBallast } from './ballast.js';

type Run = (args: string[], options: { input?: Buffer; capture?: boolean }) => unknown;

const unlimited = Number.POSITIVE_INFINITY;

async function spawned(
  [file, ...args]: string[],
  { input, capture }: { input?: Buffer; capture?: boolean },
): Promise<void> {
  const child = spawn(file!, args, {
    stdio: [input === undefined ? 'inherit' : 'pipe', capture ? 'pipe' : 'inherit', 'inherit'],
  });
  const chunks: Buffer[] = [];
  child.stdout?.on('data', (chunk: Buffer) => chunks.push(chunk));
  child.stdin?.end(input);
  await once(child, 'close');
  Buffer.concat(chunks);
}

async function contender(name: string): Promise<Run> {
  switch (name) {
    case 'prong.runSync':
      return (args, { input, capture }) => runSync(args, { input, captureOutput: capture ?? false });
    case 'prong.run':
      return (args, { input, capture }) => run(args, { input, captureOutput: capture ?? false });
    case 'prong.Popen':
      return (args) => new Popen(args);
    case 'spawnSync':
      return ([file, ...args], { input, capture }) =>
        spawnSync(file!, args, {
          input,
          maxBuffer: unlimited,
          stdio: [input === undefined ? 'inherit' : 'pipe', capture ? 'pipe' : 'inherit', 'inherit'],
        });
    case 'spawn':
      return spawned;
    case 'spawn.start':
      return ([file, ...args]) => spawn(file!, args, { stdio: 'inherit' });
    case 'execa': {
      const { execa } = await importPeer<{
        execa: (file: string, args: string[], options: object) => Promise<unknown>;
      }>('execa');
      return ([file, ...args], { input, capture }) =>
        execa(file!, args, {
          ...(input === undefined ? { stdin: 'inherit' } : { input }),
          stdout: capture ? 'pipe' : 'inherit',
          stderr: 'inherit',
          encoding: 'buffer',
          maxBuffer: unlimited,
        });
    }
    case 'tinyexec': {
      const { x } = await importPeer<{
        x: (file: string, args: string[], options: object) => Promise<unknown>;
      }>('tinyexec');
      return ([file, ...args], { capture }) =>
        x(file!, args, { nodeOptions: { stdio: ['inherit', capture ? 'pipe' : 'inherit', 'inherit'] } });
    }
    default:
      throw new Error(`no contender ${name}`);
  }
}

const [, , name, task, ballast, count] = process.argv as string[];
const start = await contender(name!);
const held = makeBallast(ballast!);
const times = Number(count);
const MEGABYTES = 10;

/** Per second. */
async function rate(args: string[], options: { input?: Buffer; capture?: boolean }): Promise<number> {
  await start(args, options);
  const begin = performance.now();
  for (let i = 0; i < times; i += 1) await start(args, options);
  return (times / (performance.now() - begin)) * 1000;
}

/** The longest that one start keeps the event loop, among the quicker 95 of 100, in ms. */
async function blocked(): Promise<number> {
  const took: number[] = [];
  for (let i = 0; i < times; i += 1) {
    const begin = performance.now();
    start(['true'], {});
    took.push(performance.now() - begin);
    await new Promise((resolve) => setTimeout(resolve, 3));
  }
  return took.sort((a, b) => a - b)[Math.floor(times * 0.95)]!;
}

const results: Record<string, () => Promise<number>> = {
  true: () => rate(['true'], {}),
  capture: async () =>
    MEGABYTES * (await rate(['head', '-c', `${MEGABYTES * 1e6}`, '/dev/zero'], { capture: true })),
  cat: async () =>
    MEGABYTES * (await rate(['cat'], { input: Buffer.alloc(MEGABYTES * 1e6, 'x'), capture: true })),
  blocked,
};
console.log(await results[task!]!());
// Keeps the ballast until here.
process.exitCode = held.length > 0 ? 0 : 1;
