import os

print('进程: (%s)' % os.getpid(), flush=True)
pid = os.fork()  # 返回两次
if pid == 0:
    print('子进程: (%s) 的父进程为:(%s)' % (os.getpid(), os.getppid()))
else:
    print('父进程: (%s) 创建子进程: (%s)' % (os.getpid(), pid))
    os.waitpid(pid, 0)
