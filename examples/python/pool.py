import multiprocessing
import os
import random
import time


def long_time_task(name):
    print('任务名: %s 进程号: (%s)...' % (name, os.getpid()), flush=True)
    start = time.time()
    time.sleep(random.random() * 3)
    end = time.time()
    print('任务 %s 运行了 %0.2f 秒' % (name, (end - start)), flush=True)


if __name__ == '__main__':
    multiprocessing.set_start_method('fork')
    print('当前进程 (%s)' % os.getpid(), flush=True)
    p = multiprocessing.Pool(3)  # 开启几个进程
    for i in range(5):
        p.apply_async(long_time_task, args=(i,))
    print('等待子进程完成...', flush=True)
    p.close()
    p.join()  # 等待子进程结束
    print('所有子进程结束')
