# shared.py <read|collected>: as shared.ts, with multiprocessing and fork.
import gc
import multiprocessing
import os
import re
import sys
import time


def rss():
    with open('/proc/self/statm') as statm:
        return int(statm.read().split()[1]) * 4096


def work(kept, ready):
    sum(entry['id'] + sum(entry['tags']) + len(entry['name']) for entry in kept)
    if sys.argv[1] == 'collected':
        gc.collect()
    ready.release()
    time.sleep(3600)


kept = []
i = 0
while rss() < 200 * 2**20:
    for _ in range(2000):
        kept.append({'id': i, 'name': 'entry number %d' % i, 'tags': [i, i + 1]})
        i += 1

context = multiprocessing.get_context('fork')
ready = context.Semaphore(0)
workers = [context.Process(target=work, args=(kept, ready), daemon=True) for _ in range(4)]
for worker in workers:
    worker.start()
for worker in workers:
    ready.acquire()
total = 0
for pid in [os.getpid()] + [worker.pid for worker in workers]:
    with open('/proc/%d/smaps_rollup' % pid) as rollup:
        total += int(re.search(r'^Pss: +(\d+) kB$', rollup.read(), re.M).group(1))
for worker in workers:
    worker.kill()
    worker.join()
print(total / 1024)
