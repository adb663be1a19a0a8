// RLock: 可重入锁, 内部维护着一个 Lock 和一个 counter, 同一个线程可以多次 acquire, 不会发生死锁。
import { setTimeout as sleep } from 'node:timers/promises';
import { RLock, Thread, Value } from 'prong';

const second = 100; // 笔记里是 1000 毫秒
const number = new Value('i', 0);
const rLock = new RLock();

class MyThreadRLock extends Thread {
  override async run() {
    await sleep(second);
    if (rLock.acquireSync()) {
      number.value += 1;
      const msg = `${this.name} number to ${number.value}`;
      console.log(msg);
      rLock.acquireSync();
      rLock.release();
      rLock.release();
    }
  }
}

for (let i = 0; i < 5; i++) {
  const t = new MyThreadRLock();
  t.start();
}
