#include "core/ipc/spin.h"

#include <sched.h>

#include "core/sync/futex.h"

namespace prong {

namespace {

constexpr int64_t kLongestNs = 30'000;
constexpr int64_t kShortestNs = 1'000;
constexpr int64_t kCpusEveryNs = 10'000'000;
constexpr int kYields = 3;

// What this thread has learned. Trivial, and a forked child may go on with it.
struct Habit {
  int64_t budget;
  int64_t cpus_at;
  int cpus;
};
thread_local Habit habit{kLongestNs, 0, 0};

int Cpus(int64_t now) {
  if (habit.cpus == 0 || now - habit.cpus_at > kCpusEveryNs) {
    cpu_set_t set;
    habit.cpus = sched_getaffinity(0, sizeof set, &set) == 0 ? CPU_COUNT(&set) : 2;
    habit.cpus_at = now;
  }
  return habit.cpus;
}

}  // namespace

bool SpinForItems(const QueueCore* queue) {
  const int64_t start = NowNs();
  if (Cpus(start) > 1) {
    const int64_t end = start + habit.budget;
    int64_t now = start;
    do {
      for (int n = 0; n < 16; ++n) {
        if (!queue->SeemsEmpty()) {
          habit.budget = habit.budget * 2 < kLongestNs ? habit.budget * 2 : kLongestNs;
          return true;
        }
        CpuRelax();
      }
      now = NowNs();
    } while (now < end);
    habit.budget = habit.budget / 2 > kShortestNs ? habit.budget / 2 : kShortestNs;
  }
  for (int n = 0; n < kYields; ++n) {
    sched_yield();
    if (!queue->SeemsEmpty()) return true;
  }
  return false;
}

}  // namespace prong
