// The notes' first program: fork() is called once and returns twice.
import { fork, getpid, getppid, waitpidSync } from 'prong/posix';

console.log('进程: (%s)', getpid());
const pid = fork(); // returns twice
if (pid === 0) {
  console.log('子进程: (%s) 的父进程为:(%s)', getpid(), getppid());
} else {
  console.log('父进程: (%s) 创建子进程: (%s)', getpid(), pid);
  // Not in the notes: a parent that has ended is nobody's parent, and the child would print 1.
  waitpidSync(pid);
}
