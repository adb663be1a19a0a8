from multiprocessing import Process, set_start_method
import os


def run_child(name):
    print('子进程 (%s) pid: (%s), 父进程pid: (%s)...' % (name, os.getpid(), os.getppid()), flush=True)


if __name__ == '__main__':
    set_start_method('fork')
    print('当前进程号: (%s)' % os.getpid(), flush=True)
    # 子进程要执行的代码
    p = Process(target=run_child, args=('test',))
    print('开启子进程', flush=True)
    p.start()  # 启动子进程
    p.join()  # 待子进程结束后再继续往下运行,通常用于进程间的同步。
    print('子进程运行结束')
