from multiprocessing import Process, Queue, set_start_method
import os
import time
import random


def write(data):
    print('写 进程: (%s)' % os.getpid(), flush=True)
    for value in ['A', 'B', 'C']:
        print('%s 写入 Queue' % value, flush=True)
        data.put(value)
        time.sleep(random.random() / 10)


def read(data):
    print('读 进程: (%s)' % os.getpid(), flush=True)
    while True:
        value = data.get(True)
        print('读取的值: %s' % value, flush=True)


if __name__ == '__main__':
    set_start_method('fork')
    # 父进程创建 Queue, 并传给子进程
    q = Queue()
    data_write = Process(target=write, args=(q,))
    data_read = Process(target=read, args=(q,))
    # 启动 写 子进程
    data_write.start()
    # 启动 读 子进程
    data_read.start()
    # 等待 写 进程结束
    data_write.join()
    # 不在笔记里: 让读进程读完最后一个值
    while not q.empty():
        time.sleep(0.005)
    time.sleep(0.1)
    # 终止 读 进程
    data_read.terminate()
