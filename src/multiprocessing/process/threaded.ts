/** The first code of a Worker that start method `thread` made. */
import { isMainThread, workerData } from 'node:worker_threads';
import { getNativeId } from '../../threading/native-id.js';
import { useDirectStdio } from '../../threading/stdio.js';
import { live } from './child.js';
import { forgetOwnEnd } from './end.js';
import { unpackParcel } from './parcel.js';
import type { Outcome } from './popen.js';
import { type ThreadParcel, ThreadWord } from './popen-thread.js';
import { encodeReport } from './report.js';

function main({ parcel, port, words }: ThreadParcel['prongProcess']): void {
  Atomics.store(words, ThreadWord.nativeId, getNativeId() ?? 0);
  useDirectStdio();
  forgetOwnEnd();
  const report = (outcome: Outcome): void => port.postMessage(encodeReport(outcome));
  const { reallyExit } = process;
  // After all listeners, which may still change the code.
  const leave = (code: number): never => {
    Atomics.store(words, ThreadWord.exitcode, code);
    if (Atomics.compareExchange(words, ThreadWord.ended, 0, 1) === 0) Atomics.notify(words, ThreadWord.ended);
    return Reflect.apply(reallyExit, process, [code]) as never;
  };
  live({ name: parcel.identity.name, run: unpackParcel(parcel), report, leave });
}

const given = workerData as Partial<ThreadParcel> | null;
if (!isMainThread && given?.prongProcess) main(given.prongProcess);
