// 进程间通信: 一个进程写, 一个进程读。
import { setTimeout as sleep } from 'node:timers/promises';
import { Process, Queue } from 'prong';
import { getpid } from 'prong/posix';

async function write(data: Queue<string>) {
  console.log('写 进程: (%s)', getpid());
  for (const value of ['A', 'B', 'C']) {
    console.log('%s 写入 Queue', value);
    await data.put(value);
    await sleep(Math.random() * 100);
  }
}

async function read(data: Queue<string>) {
  console.log('读 进程: (%s)', getpid());
  while (true) {
    const value = await data.get();
    console.log('读取的值: %s', value);
  }
}

// 父进程创建 Queue, 并传给子进程
const q = new Queue<string>();
const dataWrite = new Process({ target: write, args: [q] });
const dataRead = new Process({ target: read, args: [q] });
// 启动 写 子进程
dataWrite.start();
// 启动 读 子进程
dataRead.start();
// 等待 写 进程结束
await dataWrite.join();
// 不在笔记里: 让读进程读完最后一个值
while (!q.empty()) await sleep(5);
await sleep(100);
// 终止 读 进程
dataRead.terminate();
