/** Functions that travel: taken apart here, put together in another thread or process. */

export { type Captured, captureFunction, captureValue } from './capture-value.js';
export { ClosureError } from './errors.js';
export { reviveFunction, reviveFunctionSync, reviveValue, reviveValueSync } from './revive-value.js';
export type { SerializedClosure } from './types.js';
