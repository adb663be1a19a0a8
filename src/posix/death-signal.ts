import { resources } from './resources.js';
import { signalNumber } from './signal-names.js';

/**
 * Linux: names the signal this process gets when its parent dies; 0 for none. It survives an exec, and isn't inherited by
 * a `fork()`. The parent is the *thread* that forked, which for prong's `fork()` is the main one. A parent that is gone
 * already sends nothing: compare `getppid()` afterwards.
 *
 * @see prctl(2), PR_SET_PDEATHSIG
 */
export function setpdeathsig(signal: NodeJS.Signals | number): void {
  const number = signalNumber(signal);
  resources('setpdeathsig()').setpdeathsig(number);
}
