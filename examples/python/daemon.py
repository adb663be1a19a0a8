import os
import sys
import time

first = os.fork()
if first > 0:
    os.waitpid(first, 0)
    sys.exit()

os.setsid()
between = os.getpid()
if os.fork() > 0:
    os._exit(0)

while os.getppid() == between:
    time.sleep(0.001)
print('守护进程: (%s)' % os.getpid())
print('PPID: (%s)' % os.getppid())
print('自己的会话: %s' % str(os.getsid(0) == between).lower())
