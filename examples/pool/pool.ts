// 进程池批量创建子进程
import { Pool } from 'prong';
import { getpid } from 'prong/posix';

async function longTimeTask(name: number) {
  console.log('任务名: %s 进程号: (%s)...', name, getpid());
  const start = performance.now();
  await new Promise((resolve) => setTimeout(resolve, Math.random() * 3000));
  const end = performance.now();
  console.log('任务 %s 运行了 %s 秒', name, ((end - start) / 1000).toFixed(2));
}

console.log('当前进程 (%s)', getpid());
const p = new Pool(3); // 开启几个进程
for (let i = 0; i < 5; i++) p.applyAsync(longTimeTask, [i]);
console.log('等待子进程完成...');
p.close();
await p.join(); // 等待子进程结束
console.log('所有子进程结束');
