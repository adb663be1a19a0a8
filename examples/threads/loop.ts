// 多线程: currentThread() 永远返回当前线程的实例; 主线程名为 MainThread, 子线程的名字在创建时指定。
import { setTimeout as sleep } from 'node:timers/promises';
import { currentThread, Thread } from 'prong/threading';

const second = 100; // 笔记里是 1000 毫秒

async function loop() {
  console.log(`子线程 ${currentThread().name} 开始运行`);
  let n = 0;
  while (n < 5) {
    n += 1;
    console.log(`线程名 ${currentThread().name} >>> ${n}`);
    await sleep(second);
  }
  console.log(`子线程 ${currentThread().name} 运行结束`);
}

console.log(`主线程: ${currentThread().name} 开始运行`);
const t = new Thread({ target: loop, name: 'LoopThread' });
t.start();
await t.join();
console.log(`主线程 ${currentThread().name} 运行结束`);
