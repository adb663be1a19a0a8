import threading
import time

second = 0.1  # 笔记里是 1 秒
number = 0
r_lock = threading.RLock()


class MyThreadRLock(threading.Thread):
    def run(self):
        global number
        time.sleep(second)
        if r_lock.acquire(timeout=1):
            number += 1
            msg = self.name + ' number to ' + str(number)
            print(msg)
            r_lock.acquire()
            r_lock.release()
            r_lock.release()


for i in range(5):
    t = MyThreadRLock()
    t.start()
