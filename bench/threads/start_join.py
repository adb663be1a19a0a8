# Milliseconds for a thread from start to join.
import threading
import time

N = 200


def nothing():
    pass


start = time.perf_counter()
for _ in range(N):
    t = threading.Thread(target=nothing)
    t.start()
    t.join()
print((time.perf_counter() - start) * 1000 / N)
