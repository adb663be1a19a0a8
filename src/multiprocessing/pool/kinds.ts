/** What a pool's workers may be. */
import { nativeReason } from '../../binding.js';
import { notSupported } from '../../errors.js';
import { invalidType } from '../../util/check.js';
import { hasNative } from '../connection/native.js';
import { type Context, getStartMethod, resolveMethod } from '../process/context.js';
import type { StartMethod } from '../process/popen.js';
import type * as Forked from './crew/forked-hand.js';
import type { Hand } from './crew/hand.js';
import type { Kind } from './crew/roster.js';
import type * as Spawned from './crew/spawned-hand.js';
import type * as Threaded from './crew/thread-hand.js';
import type * as Lines from './line/socket-line.js';

/** Waits for what can be waited for by descriptor. */
function waitForDescriptors(hands: readonly Hand[], ms: number): void {
  const { waitForLines } = require('./line/socket-line.js') as typeof Lines;
  waitForLines(
    hands.flatMap(({ fds }) => fds),
    ms,
  );
}

const forked: Kind = {
  hire(duty, on) {
    const { ForkedHand } = require('./crew/forked-hand.js') as typeof Forked;
    return new ForkedHand(duty, on);
  },
  canInherit: true,
  workerName: 'ForkPoolWorker',
  wait: waitForDescriptors,
};

const spawned: Kind = {
  hire(duty, on) {
    const { SpawnedHand } = require('./crew/spawned-hand.js') as typeof Spawned;
    return new SpawnedHand(duty, on);
  },
  canInherit: false,
  workerName: 'SpawnPoolWorker',
  wait: waitForDescriptors,
};

const threads: Kind = {
  hire(duty, on) {
    const { ThreadHand } = require('./crew/thread-hand.js') as typeof Threaded;
    return new ThreadHand(duty, on);
  },
  canInherit: false,
  workerName: 'ThreadPoolWorker',
  wait: (_hands, ms) => (require('./crew/thread-hand.js') as typeof Threaded).waitForBell(ms),
};

/** By start method, or by the context that `getContext` gave. */
export function kindOf(context: Context | StartMethod | undefined): Kind {
  const method = methodOf(context);
  if (method === 'thread') return threads;
  if (!hasNative) {
    // Nothing carries what processes say to each other.
    if (context === undefined) return threads;
    throw notSupported(`a pool with start method '${method}'`, nativeReason ?? 'there is no addon');
  }
  // A server's children could not be handed their lines.
  return method === 'fork' ? forked : spawned;
}

function methodOf(context: Context | StartMethod | undefined): StartMethod {
  if (context === undefined) return getStartMethod();
  if (typeof context === 'string') return resolveMethod(context, 'options.context');
  if (typeof (context as Context | null)?.getStartMethod === 'function') return context.getStartMethod();
  throw invalidType('options.context', 'a start method or what getContext() gave', context);
}
