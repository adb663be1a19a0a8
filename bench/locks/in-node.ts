/** `in-node <task> <what>`: one sample of prong or a Node peer, printed as a number. */
import { Worker } from 'node:worker_threads';
import { Condition, Event, Lock, posix, RLock, Semaphore } from 'prong';
import { RawValue } from 'prong/multiprocessing';
import { importPeer, nanosecondsPer, nanosecondsPerAsync } from '../harness/suite.js';

const [task, what] = process.argv.slice(2);
interface Peer {
  Mutex: new () => { acquire(): Promise<unknown>; release(): void };
}
const PAIRS = 5_000_000;
const AWAITS = 500_000;
const ROUNDS = 20_000;
const CONTENDED_MS = 700;

function uncontended(): number {
  if (what === 'atomics') {
    const words = new Int32Array(new SharedArrayBuffer(4));
    const pairs = (times: number) =>
      nanosecondsPer(times, () => {
        while (Atomics.compareExchange(words, 0, 0, 1) !== 0) Atomics.wait(words, 0, 2);
        if (Atomics.exchange(words, 0, 0) === 2) Atomics.notify(words, 0, 1);
      });
    pairs(PAIRS / 10);
    return pairs(PAIRS);
  }
  const lock = what === 'RLock' ? new RLock() : new Lock();
  const pairs = (times: number) =>
    nanosecondsPer(times, () => {
      lock.acquireSync();
      lock.release();
    });
  pairs(PAIRS / 10);
  return pairs(PAIRS);
}

async function awaited(): Promise<number> {
  if (what === 'async-mutex') {
    const { Mutex } = await importPeer<Peer>('async-mutex');
    const mutex = new Mutex();
    const pairs = (times: number) =>
      nanosecondsPerAsync(times, async () => {
        await mutex.acquire();
        mutex.release();
      });
    await pairs(AWAITS / 10);
    return pairs(AWAITS);
  }
  const lock = what === 'RLock' ? new RLock() : new Lock();
  const pairs = (times: number) =>
    nanosecondsPerAsync(times, async () => {
      await lock.acquire();
      lock.release();
    });
  await pairs(AWAITS / 10);
  return pairs(AWAITS);
}

function count(lock: Lock, value: RawValue<number>): void {
  const end = performance.now() + CONTENDED_MS;
  while (performance.now() < end) {
    for (let n = 0; n < 1_000; n++) {
      lock.acquireSync();
      value.value++;
      lock.release();
    }
  }
}

/** Increments per second of a counter that two processes or threads share. */
async function contended(): Promise<number> {
  const lock = new Lock();
  const value = new RawValue('d', 0);
  const start = new Event();
  const done = new Semaphore(0);
  const ready = new Semaphore(0);
  if (what === 'threads') {
    for (let n = 0; n < 2; n++) {
      new Worker(
        `const { reviveHandles } = require('prong'); const { workerData } = require('node:worker_threads');
         const { lock, value, start, done, ready } = reviveHandles(workerData);
         const count = ${count.toString().replaceAll('CONTENDED_MS', String(CONTENDED_MS))};
         ready.release(); start.waitSync(); count(lock, value); done.release();`,
        { eval: true, workerData: { lock, value, start, done, ready } },
      );
    }
  } else {
    for (let n = 0; n < 2; n++) {
      if (posix.fork() !== 0) continue;
      ready.release();
      start.waitSync();
      count(lock, value);
      done.release();
      process.exit(0);
    }
  }
  for (let n = 0; n < 2; n++) await ready.acquire();
  start.set();
  for (let n = 0; n < 2; n++) await done.acquire();
  return value.value / (CONTENDED_MS / 1_000);
}

/** Microseconds from a wake-up in one process to the other's going on: half of a round trip. */
function latency(): number {
  const turns: Record<string, () => [() => void, () => void]> = {
    Semaphore() {
      const ping = new Semaphore(0);
      const pong = new Semaphore(0);
      return [
        () => {
          ping.release();
          pong.acquireSync();
        },
        () => {
          ping.acquireSync();
          pong.release();
        },
      ];
    },
    Event() {
      const ping = new Event();
      const pong = new Event();
      const wait = (event: Event) => {
        event.waitSync();
        event.clear();
      };
      return [
        () => {
          ping.set();
          wait(pong);
        },
        () => {
          wait(ping);
          pong.set();
        },
      ];
    },
    Condition() {
      const condition = new Condition(new Lock());
      const turn = new RawValue('i', 0);
      const pass = (from: number) => () => {
        condition.acquireSync();
        while (turn.value !== from) condition.waitSync();
        turn.value = 1 - from;
        condition.notify();
        condition.release();
      };
      return [pass(0), pass(1)];
    },
  };
  const [one, other] = (turns[what as string] as () => [() => void, () => void])();
  if (posix.fork() === 0) {
    for (let n = 0; n < ROUNDS; n++) other();
    process.exit(0);
  }
  return nanosecondsPer(ROUNDS, one) / 2_000;
}

const tasks: Record<string, () => number | Promise<number>> = { uncontended, awaited, contended, latency };
console.log(await (tasks[task as string] as () => number | Promise<number>)());
process.exit(0);
