// 启动一个子进程并等待其结束
import { Process } from 'prong';
import { getpid, getppid } from 'prong/posix';

function runChild(name: string) {
  console.log('子进程 (%s) pid: (%s), 父进程pid: (%s)...', name, getpid(), getppid());
}

console.log('当前进程号: (%s)', getpid());
// 子进程要执行的代码
const p = new Process({ target: runChild, args: ['test'] });
console.log('开启子进程');
p.start(); // 启动子进程
await p.join(); // 待子进程结束后再继续往下运行,通常用于进程间的同步。
console.log('子进程运行结束');
