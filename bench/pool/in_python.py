# in_python.py <pool|executor> <map|single|spin|large|strings|numbers> <warm|whole>: as in-node.ts.
import array
import multiprocessing
import sys
import time
from concurrent.futures import ProcessPoolExecutor

WORKERS = 2
kind, task, part = sys.argv[1:4]

strings = [f'{i:8}' + 'x' * 92 for i in range(1_000_000)] if task == 'strings' else []
numbers = array.array('d', [1.5]) * 12_500_000 if task == 'numbers' else []


def tiny(x):
    return x + 1


def spin(ms):
    end = time.perf_counter() + ms / 1000
    while time.perf_counter() < end:
        pass


def large(x):
    return array.array('d', [x]) * (1 << 19)


def look_at_strings(part):
    return sum(map(ord, (s[5] for s in strings[part * 5000:(part + 1) * 5000])))


def look_at_numbers(part):
    return sum(numbers[part * 62_500:(part + 1) * 62_500])


items = {'map': range(10_000), 'single': range(10_000), 'spin': [5] * 64, 'large': range(32)}.get(task, range(200))
fn = {'map': tiny, 'single': tiny, 'spin': spin, 'large': large, 'strings': look_at_strings, 'numbers': look_at_numbers}[task]


class WithPool:
    def __init__(self):
        self.pool = multiprocessing.get_context('fork').Pool(WORKERS)

    def run(self):
        if task == 'single':
            return [r.get() for r in [self.pool.apply_async(fn, (x,)) for x in items]]
        return self.pool.map(fn, items, chunksize=1 if task in ('spin', 'large') else None)

    def end(self):
        self.pool.close()
        self.pool.join()


class WithExecutor:
    def __init__(self):
        self.pool = ProcessPoolExecutor(WORKERS, mp_context=multiprocessing.get_context('fork'))

    def run(self):
        if task == 'single':
            return [f.result() for f in [self.pool.submit(fn, x) for x in items]]
        return list(self.pool.map(fn, items, chunksize=1 if task in ('spin', 'large') else max(1, len(items) // 8)))

    def end(self):
        self.pool.shutdown()


make = WithPool if kind == 'pool' else WithExecutor
first = make()
first.run()
first.end()
start = time.perf_counter()
pool = make()
pool.run()
if part == 'warm':
    start = time.perf_counter()
    pool.run()
    print((time.perf_counter() - start) * 1000)
    pool.end()
else:
    pool.end()
    print((time.perf_counter() - start) * 1000)
