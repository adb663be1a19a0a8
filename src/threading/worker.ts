/** The first code of a thread: becomes what its assignment says, does it, reports. */
import { isMainThread, workerData } from 'node:worker_threads';
import type * as CaptureModule from '../closure/capture-value.js';
import { reviveValue } from '../closure/revive-value.js';
import { callHook } from './excepthook.js';
import { setOwnSlot } from './here.js';
import type { Assignment, Report, Work } from './messages.js';
import { getNativeId } from './native-id.js';
import { useDirectStdio } from './stdio.js';
import { ENDING, hasCustomHook, RUNNING, Slot } from './table.js';
import { become, type Thread } from './thread.js';

/** Loaded late: a thread with a simple result has no use for the parser. */
const captureValue: typeof CaptureModule.captureValue = (...args) =>
  (require('../closure/capture-value.js') as typeof CaptureModule).captureValue(...args);

const isPrimitive = (value: unknown): boolean =>
  value === null || (typeof value !== 'object' && typeof value !== 'function' && typeof value !== 'symbol');

function main({ id, slot: index, port, payload }: Assignment['prongThread']): void {
  const slot = new Slot(index, id);
  setOwnSlot(slot);
  slot.nativeId = getNativeId();
  slot.state = RUNNING;
  useDirectStdio();
  let thread: Thread | undefined;
  let reported = false;

  const report = (message: Report): void => {
    reported = true;
    port.postMessage(message, []);
  };

  /** Says what can be said: first with all its fields and values, then with less. */
  const reportOutcome = (
    outcome: { value?: unknown; error?: unknown },
    failed: boolean,
    printed: boolean,
  ): void => {
    const { data, transferList } = captureValue({ ...outcome, fields: travelling(thread) }, 'thread', {
      returnTo: payload.id,
    });
    const message: Report = failed ? { t: 'failed', outcome: data, printed } : { t: 'done', outcome: data };
    port.postMessage(message, transferList as never);
    reported = true;
  };

  const fail = (error: unknown): void => {
    const printed = !hasCustomHook();
    if (printed) callHook(error, thread);
    try {
      reportOutcome({ error }, true, printed);
    } catch {
      const { name = 'Error', message = String(error), stack } = error instanceof Error ? error : {};
      report({ t: 'broken', name, message, stack, printed });
    }
  };

  process.on('uncaughtExceptionMonitor', (error) => {
    if (process.listenerCount('uncaughtException') === 0) fail(error);
  });
  let drained = false;
  process.on('beforeExit', () => {
    drained = true;
  });
  process.once('exit', (code) => {
    if (!reported) report({ t: 'exit', code, drained });
    slot.state = ENDING;
  });

  const run = async (): Promise<void> => {
    let value: unknown;
    try {
      thread = become((await reviveValue(payload)) as Work);
      port.postMessage({ t: 'running' } satisfies Report);
      value = await thread.run();
    } catch (error) {
      fail(error);
      return;
    }
    try {
      if (reported) return;
      const hasFields = Object.keys(thread).length > 0;
      if (isPrimitive(value) && !hasFields) report({ t: 'plain', value });
      else reportOutcome({ value }, false, false);
    } catch (error) {
      fail(error);
    }
  };
  void run();
}

/** The fields of a subclass that can go back; what can't stays. */
function travelling(thread: Thread | undefined): Record<string, unknown> | undefined {
  if (!thread) return undefined;
  const fields: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(thread)) {
    try {
      captureValue(value, key);
      fields[key] = value;
    } catch {}
  }
  return fields;
}

const assignment = workerData as Partial<Assignment> | null;
if (!isMainThread && assignment?.prongThread) main(assignment.prongThread);
