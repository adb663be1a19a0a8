"""in_python.py <rate|ping> <SimpleQueue|Queue|Pipe> <kind> [pairs]: one sample of CPython, printed as a number."""
import multiprocessing
import os
import sys
import time

COUNTS = {"number": 60_000, "string": 60_000, "object": 40_000, "buffer": 200}
ROUNDS = 20_000


def message_of(kind):
    return {
        "number": 7,
        "string": "0123456789abcdef",
        "object": {"id": 1234, "name": "somebody", "tags": ["a", "b", "c"], "ok": True, "text": "x" * 950},
        "buffer": b"\x07" * (1 << 20),
    }[kind]


def make(context, what):
    if what == "Pipe":
        reader, writer = context.Pipe(duplex=False)
        return reader.recv, writer.send
    queue = getattr(context, what)()
    return queue.get, queue.put


def write(put, kind, count, start):
    start.wait()
    message = message_of(kind)
    for _ in range(count):
        put(message)


def read(get, ready, start, done):
    ready.release()
    start.wait()
    while get() is not None:
        pass
    done.release()


def rate(what, kind, pairs):
    context = multiprocessing.get_context("fork")
    get, put = make(context, what)
    each = COUNTS[kind] // pairs
    start, ready, done = context.Event(), context.Semaphore(0), context.Semaphore(0)
    writers = [context.Process(target=write, args=(put, kind, each, start)) for _ in range(pairs)]
    readers = [context.Process(target=read, args=(get, ready, start, done)) for _ in range(pairs)]
    for process in writers + readers:
        process.start()
    for _ in readers:
        ready.acquire()
    begin = time.perf_counter()
    start.set()
    for process in writers:
        process.join()
    for _ in readers:
        put(None)
    for _ in readers:
        done.acquire()
    print(each * pairs / (time.perf_counter() - begin))
    for process in readers:
        process.join()


def echo(get, put, rounds):
    for _ in range(rounds):
        put(get())


def ping(what):
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    context = multiprocessing.get_context("fork")
    get_there, put_there = make(context, what)
    get_back, put_back = make(context, what)
    process = context.Process(target=echo, args=(get_there, put_back, ROUNDS + 1000))
    process.start()
    for round_ in range(ROUNDS + 1000):
        if round_ == 1000:
            begin = time.perf_counter()
        put_there(1)
        get_back()
    print((time.perf_counter() - begin) * 1e6 / ROUNDS)
    process.join()


task, what = sys.argv[1:3]
if task == "ping":
    ping(what)
else:
    rate(what, sys.argv[3], int(sys.argv[4]) if len(sys.argv) > 4 else 1)
