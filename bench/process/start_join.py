# start_join.py <method>: as start-join.ts, with multiprocessing.
import multiprocessing
import sys
import time


def target():
    pass


if __name__ == '__main__':
    context = multiprocessing.get_context(sys.argv[1])
    rounds = 100
    for i in range(rounds + 2):
        if i == 2:
            start = time.perf_counter()
        p = context.Process(target=target)
        p.start()
        p.join()
    print((time.perf_counter() - start) * 1000 / rounds)
