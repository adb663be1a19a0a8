import threading

balance = 0
lock = threading.Lock()  # 创建锁


def change_it(n):
    # 先存后取,结果应该为0:
    global balance
    balance = balance + n
    balance = balance - n


def run_thread(n):
    for i in range(100000):
        # ========= 第一种方式 ===========
        lock.acquire()
        try:
            change_it(n)
        finally:
            lock.release()
        # ========= 第二种方式 ===========
        with lock:
            change_it(n)


t1 = threading.Thread(target=run_thread, args=(5,))
t2 = threading.Thread(target=run_thread, args=(8,))
t1.start()
t2.start()
t1.join()
t2.join()
print(balance)
