import { nativeReason } from '../../binding.js';
import { notSupported } from '../../errors.js';
import type { SyncCore } from '../../sync/core.js';

/** The core without the addon. */
export function fallbackCore(): SyncCore {
  const refuse = () => {
    throw notSupported('this primitive', nativeReason ?? 'no addon');
  };
  return new Proxy({ me: Int32Array.of(1) } as unknown as SyncCore, {
    get: (target, key) => (key === 'me' ? target.me : refuse),
  });
}
