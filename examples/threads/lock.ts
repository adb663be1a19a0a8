// Lock: 线程锁, 同一时刻最多只有一个线程持有该锁。普通变量在每个线程里各有一份拷贝, 共享的数用 Value。
import { Lock, Thread, Value } from 'prong';

const balance = new Value('i', 0);
const lock = new Lock(); // 创建锁

function changeIt(n: number) {
  // 先存后取, 结果应该为 0:
  balance.value = balance.value + n;
  balance.value = balance.value - n;
}

function runThread(n: number) {
  for (let i = 0; i < 100_000; i++) {
    // ========= 第一种方式 ===========
    // 先要获取锁:
    lock.acquireSync();
    try {
      // 锁只有一个, 无论多少线程, 同一时刻最多只有一个线程持有该锁
      changeIt(n);
    } finally {
      // 改完了一定要释放锁:
      lock.release();
    }
    // ========= 第二种方式 ===========
    // withSync 在执行前自动获取锁, 在执行结束后自动释放锁, 还可以加上时间限制
    lock.withSync(() => changeIt(n), { timeout: 60_000 });
  }
}

const t1 = new Thread({ target: runThread, args: [5] });
const t2 = new Thread({ target: runThread, args: [8] });
t1.start();
t2.start();
await t1.join();
await t2.join();
console.log(balance.value);
