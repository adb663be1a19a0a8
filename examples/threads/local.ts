// local(): 全局对象, 但每个线程各有各的值, 互不影响。
import { local } from 'prong';
import { currentThread, Thread } from 'prong/threading';

// 创建全局 ThreadLocal 对象
const localSchool = local();

function processStudent() {
  // 获取当前线程关联的 student:
  const std = localSchool.name;
  console.log(`Hello, ${std} (in ${currentThread().name})`);
}

function processThread(name: string) {
  // 绑定 ThreadLocal 的 student:
  localSchool.name = name;
  processStudent();
}

const t1 = new Thread({ target: processThread, args: ['ABC'], name: 'Thread-A' });
const t2 = new Thread({ target: processThread, args: ['DEF'], name: 'Thread-D' });
t1.start();
t2.start();
await t1.join();
await t2.join();
