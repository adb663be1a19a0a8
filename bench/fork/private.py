# As private.ts, with os.fork.
import os
import re


def rss():
    with open('/proc/self/statm') as statm:
        return int(statm.read().split()[1]) * 4096


kept = []
i = 0
while rss() < 200 * 2**20:
    for _ in range(2000):
        kept.append({'id': i, 'name': 'entry number %d' % i, 'tags': [i, i + 1]})
        i += 1

pid = os.fork()
if pid == 0:
    total = sum(entry['id'] + sum(entry['tags']) + sum(entry['name'].encode()) for entry in kept)
    with open('/proc/self/smaps_rollup') as rollup:
        sizes = re.findall(r'^Private_\w+: +(\d+) kB$', rollup.read(), re.M)
    print(sum(map(int, sizes)) / 1024, flush=True)
    os._exit(0)
os.waitpid(pid, 0)
