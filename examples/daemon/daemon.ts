// The notes' daemon: fork, let the parent end, leave the terminal's session, and fork once more, so that what is left
// belongs to init and can never get a terminal again.
import { setTimeout } from 'node:timers/promises';
import { _exit, fork, getpid, getppid, getsid, setsid, waitpidSync } from 'prong/posix';

const first = fork();
if (first > 0) {
  waitpidSync(first);
  process.exit();
}

setsid();
const between = getpid();
if (fork() > 0) _exit(0);

// Here is the daemon. Its parent is about to end; then it gets a new one.
while (getppid() === between) await setTimeout(1);
console.log('守护进程: (%s)', getpid());
console.log('PPID: (%s)', getppid());
console.log('自己的会话: %s', getsid(0) === between);
