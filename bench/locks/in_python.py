"""in_python.py <task> <what>: one sample of CPython, printed as a number."""
import multiprocessing
import sys
import threading
import time

PAIRS = 500_000
ROUNDS = 20_000
CONTENDED_S = 0.7


def uncontended(what):
    lock = {
        "threading.Lock": threading.Lock,
        "threading.RLock": threading.RLock,
        "multiprocessing.Lock": multiprocessing.Lock,
        "multiprocessing.RLock": multiprocessing.RLock,
    }[what]()
    acquire, release = lock.acquire, lock.release
    start = time.perf_counter_ns()
    for _ in range(PAIRS):
        acquire()
        release()
    return (time.perf_counter_ns() - start) / PAIRS


def count(lock, value, start):
    start.wait()
    end = time.perf_counter() + CONTENDED_S
    while time.perf_counter() < end:
        for _ in range(1000):
            lock.acquire()
            value.value += 1
            lock.release()


def contended(what):
    context = multiprocessing.get_context("fork")
    kind = context.Process if what == "processes" else threading.Thread
    home = context if what == "processes" else threading
    lock, start = home.Lock(), home.Event()
    value = context.RawValue("d", 0)
    runs = [kind(target=count, args=(lock, value, start)) for _ in range(2)]
    for run in runs:
        run.start()
    time.sleep(0.1)
    start.set()
    for run in runs:
        run.join()
    return value.value / CONTENDED_S


def latency(what):
    context = multiprocessing.get_context("fork")
    if what == "Semaphore":
        ping, pong = context.Semaphore(0), context.Semaphore(0)

        def one():
            ping.release()
            pong.acquire()

        def other():
            ping.acquire()
            pong.release()

    elif what == "Event":
        ping, pong = context.Event(), context.Event()

        def one():
            ping.set()
            pong.wait()
            pong.clear()

        def other():
            ping.wait()
            ping.clear()
            pong.set()

    else:
        condition = context.Condition(context.Lock())
        turn = context.RawValue("i", 0)

        def turns(mine):
            def run():
                with condition:
                    while turn.value != mine:
                        condition.wait()
                    turn.value = 1 - mine
                    condition.notify()

            return run

        one, other = turns(0), turns(1)

    def run():
        for _ in range(ROUNDS):
            other()

    process = context.Process(target=run)
    process.start()
    start = time.perf_counter_ns()
    for _ in range(ROUNDS):
        one()
    took = (time.perf_counter_ns() - start) / ROUNDS / 2000
    process.join()
    return took


print({"uncontended": uncontended, "contended": contended, "latency": latency}[sys.argv[1]](sys.argv[2]))
