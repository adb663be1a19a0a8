/* floor <task>: a process-shared pthread mutex in C, as the least that is possible. */
#define _GNU_SOURCE
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

struct shared {
  pthread_mutex_t mutex;
  volatile double value;
};

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec + t.tv_nsec / 1e9;
}

int main(int argc, char** argv) {
  struct shared* shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  pthread_mutexattr_t attributes;
  pthread_mutexattr_init(&attributes);
  pthread_mutexattr_setpshared(&attributes, PTHREAD_PROCESS_SHARED);
  pthread_mutex_init(&shared->mutex, &attributes);
  if (argc > 1 && strcmp(argv[1], "uncontended") == 0) {
    const int pairs = 5000000;
    const double start = now();
    for (int n = 0; n < pairs; n++) {
      pthread_mutex_lock(&shared->mutex);
      pthread_mutex_unlock(&shared->mutex);
    }
    printf("%f\n", (now() - start) / pairs * 1e9);
    return 0;
  }
  for (int n = 0; n < 2; n++) {
    if (fork() != 0) continue;
    const double end = now() + 0.7;
    while (now() < end) {
      for (int k = 0; k < 1000; k++) {
        pthread_mutex_lock(&shared->mutex);
        shared->value++;
        pthread_mutex_unlock(&shared->mutex);
      }
    }
    _exit(0);
  }
  while (wait(NULL) > 0) {
  }
  printf("%f\n", shared->value / 0.7);
  return 0;
}
