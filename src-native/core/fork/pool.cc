#include "core/fork/pool.h"

#include "core/fork/arch.h"

#if PRONG_FORK_THREADS

#include <unistd.h>
#include <uv.h>

#include <cstdlib>

namespace prong::fork {

namespace {

pid_t g_without_pool = 0;

// Runs after Node has taken its environment down and before libuv's destructor. A request is what makes libuv forget
// the old pool and start a new one, of one thread here; where a new one exists already it is just one request more.
void Remake() {
  if (g_without_pool != getpid()) return;
  setenv("UV_THREADPOOL_SIZE", "1", 1);
  uv_loop_t loop;
  if (uv_loop_init(&loop) != 0) return;
  uv_work_t request;
  if (uv_queue_work(&loop, &request, [](uv_work_t*) {}, [](uv_work_t*, int) {}) == 0) {
    uv_run(&loop, UV_RUN_DEFAULT);
  }
  uv_loop_close(&loop);
}

}  // namespace

void RemakePoolAtExit() {
  static bool registered = false;
  if (!registered) registered = std::atexit(Remake) == 0;
  g_without_pool = getpid();
}

}  // namespace prong::fork

#endif
