/** A worker that is a new Node: functions travel to it, each once. */
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { serialize } from 'node:v8';
import type * as CaptureModule from '../../../closure/capture-value.js';
import { ClosureError } from '../../../closure/errors.js';
import { Order } from '../protocol.js';
import type * as SpawnedModule from '../worker/spawned.js';
import type { Duty, HandEvents } from './hand.js';
import { ProcessHand } from './process-hand.js';
import type { Entry } from './registry.js';

const WORKER = join(__dirname, '../worker/spawned.js');

/** It travels: all that it uses is its arguments, and Node. */
function start(file: string, duty: SpawnedModule.SpawnedDuty): Promise<void> {
  return (createRequire(file)(file) as typeof SpawnedModule).workSpawned(duty);
}

export class SpawnedHand extends ProcessHand {
  readonly #taught = new Set<number>();

  /** Throws `ClosureError` where the initializer can't travel, and what the system says. */
  constructor(duty: Duty, on: HandEvents) {
    const { initializer, initargs } = duty;
    super(duty, on, (fd, begun) => ({
      startMethod: 'spawn',
      target: start,
      args: [WORKER, { fd, begun, initializer, initargs }],
      inherit: [fd],
    }));
  }

  override knows({ id }: Entry): boolean {
    return this.#taught.has(id);
  }

  override teach({ id }: Entry, fn: object): boolean {
    const { captureValue } = require('../../../closure/capture-value.js') as typeof CaptureModule;
    const { data, transferList } = captureValue(fn, 'fn');
    if (transferList.length > 0) {
      throw new ClosureError(
        'a MessagePort or another object that is handed over can only go to a thread',
        {},
      );
    }
    this.line.send([Order.learn, id, serialize(data)]);
    this.#taught.add(id);
    return true;
  }
}
