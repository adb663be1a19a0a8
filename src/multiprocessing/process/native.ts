/** The native side: binding/child.cc, and what of binding/spawn*.cc watches a child. */
import { nativePart } from '../../binding.js';
import type { SpawnBinding } from '../../subprocess/native.js';

export interface ChildBinding {
  /** `undefined` where a child can forget its parent's frames; otherwise why it can't. */
  whyNot(): string | undefined;
  /** Silences the parent's handles, but for those over these descriptors. */
  quiet(keep: number[]): void;
  /** Calls `main` and runs the event loop; the frames below are never returned to. */
  begin(main: () => void): never;
  dieWithParent(parent: number): void;
  openReport(): number;
  /** What was written into a report; closes it. */
  takeReport(fd: number): Buffer | undefined;
  replaceStdin(): void;
}

export const native = nativePart<ChildBinding>('child');
export const watching = nativePart<SpawnBinding>('spawn');
