import threading
import time

second = 0.1  # 笔记里是 1 秒


def loop():
    print('子线程 %s 开始运行' % threading.current_thread().name)
    n = 0
    while n < 5:
        n += 1
        print('线程名 %s >>> %s' % (threading.current_thread().name, n))
        time.sleep(second)
    print('子线程 %s 运行结束' % threading.current_thread().name)


print('主线程: %s 开始运行' % threading.current_thread().name)
t = threading.Thread(target=loop, name='LoopThread')
t.start()
t.join()
print('主线程 %s 运行结束' % threading.current_thread().name)
