// pipe <bytes> <count>: messages per second through a pipe between two processes, one write and one read each.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

int main(int argc, char** argv) {
  if (argc < 3) return 2;
  const size_t size = (size_t)atol(argv[1]);
  const long count = atol(argv[2]);
  int ends[2];
  char* bytes = malloc(size);
  if (bytes == NULL || pipe(ends) != 0) return 1;
  memset(bytes, 7, size);
  const pid_t pid = fork();
  if (pid == 0) {
    close(ends[0]);
    for (long n = 0; n < count; ++n) {
      for (size_t at = 0; at < size;) {
        const ssize_t written = write(ends[1], bytes + at, size - at);
        if (written <= 0) _exit(1);
        at += (size_t)written;
      }
    }
    _exit(0);
  }
  close(ends[1]);
  struct timespec start, end;
  clock_gettime(CLOCK_MONOTONIC, &start);
  for (long n = 0; n < count; ++n) {
    for (size_t at = 0; at < size;) {
      const ssize_t got = read(ends[0], bytes + at, size - at);
      if (got <= 0) return 1;
      at += (size_t)got;
    }
  }
  clock_gettime(CLOCK_MONOTONIC, &end);
  waitpid(pid, NULL, 0);
  printf("%f\n", (double)count / ((double)(end.tv_sec - start.tv_sec) + (double)(end.tv_nsec - start.tv_nsec) / 1e9));
  return 0;
}
