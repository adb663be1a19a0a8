import { reviveValue } from '../../../closure/revive-value.js';
import type { SerializedClosure } from '../../../closure/types.js';

/** A function that travelled. What can't be put together here fails each call of it. */
export async function learnt(closure: SerializedClosure): Promise<unknown> {
  try {
    return await reviveValue(closure);
  } catch (error) {
    return () => {
      throw error;
    };
  }
}
