# latency.py <heap in MB> <return|whole>: as latency.ts, with os.fork.
import os
import statistics
import sys
import time


def rss():
    with open('/proc/self/statm') as statm:
        return int(statm.read().split()[1]) * 4096


megabytes, whole = int(sys.argv[1]), sys.argv[2] == 'whole'
kept = []
i = 0
while rss() < megabytes * 2**20:
    for _ in range(2000):
        kept.append({'id': i, 'name': 'entry number %d' % i, 'tags': [i, i + 1]})
        i += 1

samples = []
for _ in range(15):
    start = time.perf_counter()
    pid = os.fork()
    if pid == 0:
        os._exit(0)
    returned = time.perf_counter()
    os.waitpid(pid, 0)
    samples.append(((time.perf_counter() if whole else returned) - start) * 1000)
print(statistics.median(samples[2:]))
