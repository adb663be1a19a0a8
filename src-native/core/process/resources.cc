#include "core/process/resources.h"

#include <errno.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <limits>
#include <memory>

namespace prong::process {

namespace {

struct FreeSet {
  void operator()(cpu_set_t* set) const { CPU_FREE(set); }
};
using CpuSet = std::unique_ptr<cpu_set_t, FreeSet>;

constexpr int kMostCpus = 1 << 20;

}  // namespace

int Nice(int increment, int* value) {
  // -1 is a result as well.
  errno = 0;
  *value = nice(increment);
  return *value == -1 ? -errno : 0;
}

int GetPriority(int which, id_t who, int* value) {
  errno = 0;
  *value = getpriority(static_cast<__priority_which_t>(which), who);
  return *value == -1 ? -errno : 0;
}

int SetPriority(int which, id_t who, int value) {
  return setpriority(static_cast<__priority_which_t>(which), who, value) == 0 ? 0 : -errno;
}

int GetLimit(int resource, double (&limits)[2]) {
  rlimit now;
  if (getrlimit(static_cast<__rlimit_resource>(resource), &now) != 0) return -errno;
  const rlim_t values[2] = {now.rlim_cur, now.rlim_max};
  for (int i = 0; i < 2; ++i) {
    limits[i] =
        values[i] == RLIM_INFINITY ? std::numeric_limits<double>::infinity() : static_cast<double>(values[i]);
  }
  return 0;
}

int SetLimit(int resource, const double (&limits)[2]) {
  const auto value = [](double limit) {
    return limit == std::numeric_limits<double>::infinity() ? RLIM_INFINITY : static_cast<rlim_t>(limit);
  };
  const rlimit wanted = {value(limits[0]), value(limits[1])};
  return setrlimit(static_cast<__rlimit_resource>(resource), &wanted) == 0 ? 0 : -errno;
}

int GetAffinity(pid_t pid, std::vector<int>* cpus) {
  // The kernel wants room for as many as it was built for, and doesn't say how many that is.
  for (int count = CPU_SETSIZE; count <= kMostCpus; count *= 2) {
    const CpuSet set(CPU_ALLOC(static_cast<size_t>(count)));
    const size_t size = CPU_ALLOC_SIZE(static_cast<size_t>(count));
    if (set == nullptr) return -ENOMEM;
    if (sched_getaffinity(pid, size, set.get()) == 0) {
      for (int cpu = 0; cpu < count; ++cpu) {
        if (CPU_ISSET_S(static_cast<size_t>(cpu), size, set.get())) cpus->push_back(cpu);
      }
      return 0;
    }
    if (errno != EINVAL) return -errno;
  }
  return -EINVAL;
}

int SetAffinity(pid_t pid, const std::vector<int>& cpus) {
  int count = CPU_SETSIZE;
  for (const int cpu : cpus) count = std::max(count, cpu + 1);
  const CpuSet set(CPU_ALLOC(static_cast<size_t>(count)));
  const size_t size = CPU_ALLOC_SIZE(static_cast<size_t>(count));
  if (set == nullptr) return -ENOMEM;
  CPU_ZERO_S(size, set.get());
  for (const int cpu : cpus) CPU_SET_S(static_cast<size_t>(cpu), size, set.get());
  return sched_setaffinity(pid, size, set.get()) == 0 ? 0 : -errno;
}

int CpuCount() { return static_cast<int>(sysconf(_SC_NPROCESSORS_ONLN)); }

int SetDeathSignal(int signal) {
  return prctl(PR_SET_PDEATHSIG, static_cast<unsigned long>(signal), 0, 0, 0) == 0 ? 0 : -errno;
}

}  // namespace prong::process
