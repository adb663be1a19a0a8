// 一个线程"迭代"请求同一个资源, 直接就会造成死锁; detectDeadlock 把它变成一个错误, 谁也不会被挂住。
import { setTimeout as sleep } from 'node:timers/promises';
import { Lock, Thread, Value } from 'prong';

const second = 100; // 笔记里是 1000 毫秒
const number = new Value('i', 0);
const lock = new Lock({ name: 'lock', detectDeadlock: true });

class MyThreadLock extends Thread {
  override async run() {
    await sleep(second);
    if (lock.acquireSync()) {
      number.value += 1;
      const msg = `${this.name} set number to ${number.value}`;
      console.log(msg);
      try {
        lock.acquireSync();
        lock.release();
      } catch (error) {
        console.log(`${this.name} ${(error as Error).name}`);
      }
      lock.release();
    }
  }
}

const threads = [];
for (let i = 0; i < 5; i++) {
  const t = new MyThreadLock();
  t.start();
  threads.push(t);
}
for (const t of threads) await t.join();
console.log('没有线程被挂住');
