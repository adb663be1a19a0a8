"""One sample of CPython's subprocess.run: in_python.py <task> <ballast> <times>. Prints the number of the row."""

import subprocess
import sys
import time

task, ballast, times = sys.argv[1], sys.argv[2], int(sys.argv[3])
held = {"none": list, "heap": lambda: [[i, (i, i)] for i in range(4_500_000)], "buffer": lambda: bytearray(b"\1") * (500 << 20)}[ballast]()
SIZE = 10_000_000
data = b"x" * SIZE

tasks = {
    "true": lambda: subprocess.run(["true"]),
    "capture": lambda: subprocess.run(["head", "-c", str(SIZE), "/dev/zero"], stdout=subprocess.PIPE),
    "cat": lambda: subprocess.run(["cat"], input=data, stdout=subprocess.PIPE),
}
run = tasks[task]
run()
begin = time.perf_counter()
for _ in range(times):
    run()
print(times / (time.perf_counter() - begin) * (1 if task == "true" else SIZE / 1e6))
