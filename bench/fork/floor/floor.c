// The least a fork of this process can cost: fork, _exit and waitpid in C, with the heap made inheritable once. The
// child never touches JavaScript, so nothing else is needed.
#include <node_api.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static double Now(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * 1e3 + now.tv_nsec / 1e6;
}

// Makes every private mapping inheritable; returns how many there were.
static napi_value Prepare(napi_env env, napi_callback_info info) {
  (void)info;
  uint32_t count = 0;
  FILE* maps = fopen("/proc/self/maps", "re");
  char line[4096];
  while (maps != NULL && fgets(line, sizeof line, maps) != NULL) {
    unsigned long from, to;
    char flags[5];
    if (sscanf(line, "%lx-%lx %4s", &from, &to, flags) != 3 || flags[3] != 'p') continue;
    // Mappings of the kernel's own refuse; they are inherited or not as the kernel likes.
    if (madvise((void*)from, to - from, MADV_DOFORK) == 0) count++;
  }
  if (maps != NULL) fclose(maps);
  napi_value result;
  napi_create_uint32(env, count, &result);
  return result;
}

// fork(wait: boolean): ms to the parent's return, or with `wait` until the child has been waited for.
static napi_value Fork(napi_env env, napi_callback_info info) {
  size_t argc = 1;
  napi_value argv[1];
  bool whole = false;
  napi_get_cb_info(env, info, &argc, argv, NULL, NULL);
  napi_get_value_bool(env, argv[0], &whole);
  const double start = Now();
  const pid_t pid = fork();
  if (pid == 0) _exit(0);
  const double returned = Now();
  int status = -1;
  if (pid > 0) waitpid(pid, &status, 0);
  const double ended = Now();
  if (pid < 0 || status != 0) {
    napi_throw_error(env, NULL, "the bare fork failed");
    return NULL;
  }
  napi_value result;
  napi_create_double(env, (whole ? ended : returned) - start, &result);
  return result;
}

NAPI_MODULE_INIT() {
  napi_value function;
  napi_create_function(env, "prepare", NAPI_AUTO_LENGTH, Prepare, NULL, &function);
  napi_set_named_property(env, exports, "prepare", function);
  napi_create_function(env, "fork", NAPI_AUTO_LENGTH, Fork, NULL, &function);
  napi_set_named_property(env, exports, "fork", function);
  return exports;
}
