import threading

# 创建全局ThreadLocal对象
local_school = threading.local()


def process_student():
    # 获取当前线程关联的student:
    std = local_school.name
    print('Hello, %s (in %s)' % (std, threading.current_thread().name))


def process_thread(name):
    # 绑定ThreadLocal的student:
    local_school.name = name
    process_student()


t1 = threading.Thread(target=process_thread, args=('ABC',), name='Thread-A')
t2 = threading.Thread(target=process_thread, args=('DEF',), name='Thread-D')
t1.start()
t2.start()
t1.join()
t2.join()
