/** Children whose status is some part of prong's: `wait()` passes them over, `waitpid(pid)` leaves it to that part. */
import { native } from './native.js';

/** To be called once a child; `unclaimChild` as soon as it has been reaped. A forked child starts without claims. */
export function claimChild(pid: number): void {
  native?.claim(pid);
}

export function unclaimChild(pid: number): void {
  native?.unclaim(pid);
}
