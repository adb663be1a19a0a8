#include "core/fork/limits.h"

#include "core/fork/arch.h"

#if PRONG_FORK_THREADS

#include <errno.h>
#include <linux/futex.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/sysinfo.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <cstring>
#include <string>

#include "core/fork/proc.h"

namespace prong::fork {

namespace {

constexpr int kUnanswered = 0x7fffffff;
constexpr rlim_t kSlack = 64;  // others start processes as well

// The cgroup's pids.max, where there is a limit: its folder. Empty elsewhere.
std::string FindPidsGroup() {
  char text[4096];
  const long length = proc::ReadFile("/proc/self/cgroup", text, sizeof(text) - 1);
  if (length <= 0) return {};
  text[length] = 0;
  const auto limited = [](const std::string& folder) {
    char value[32] = {};
    return proc::ReadFile((folder + "/pids.max").c_str(), value, sizeof(value) - 1) > 0 &&
           std::strncmp(value, "max", 3) != 0;
  };
  for (const char* line = text; line != nullptr && *line != 0;) {
    const char* end = std::strchr(line, '\n');
    const std::string entry(line, end == nullptr ? std::strlen(line) : static_cast<size_t>(end - line));
    const size_t path_at = entry.find(':', entry.find(':') + 1);
    if (path_at != std::string::npos) {
      const std::string path = entry.substr(path_at + 1);
      const bool unified = entry.compare(0, 3, "0::") == 0;
      if (unified || entry.find(":pids:") != std::string::npos) {
        const std::string root = unified ? "/sys/fs/cgroup" : "/sys/fs/cgroup/pids";
        if (limited(root + path)) return root + path;
        if (limited(root)) return root;
      }
    }
    line = end == nullptr ? nullptr : end + 1;
  }
  return {};
}

bool NearGroupLimit(int threads) {
  static const std::string* folder = new std::string(FindPidsGroup());
  if (folder->empty()) return false;
  char value[32] = {};
  if (proc::ReadFile((*folder + "/pids.max").c_str(), value, sizeof(value) - 1) <= 0) return true;
  const long most = std::atol(value);
  std::memset(value, 0, sizeof(value));
  if (proc::ReadFile((*folder + "/pids.current").c_str(), value, sizeof(value) - 1) <= 0) return true;
  return std::atol(value) + threads + static_cast<long>(kSlack) >= most;
}

}  // namespace

bool NearThreadLimit(int threads) {
  rlimit limit;
  if (getrlimit(RLIMIT_NPROC, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY) {
    // The system's count of threads is no smaller than the user's, and far cheaper to learn.
    struct sysinfo info;
    if (sysinfo(&info) != 0 || info.procs + static_cast<rlim_t>(threads) + kSlack >= limit.rlim_cur)
      return true;
  }
  return NearGroupLimit(threads);
}

Handshake::Handshake() {
  void* page = mmap(nullptr, sizeof(int), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (page == MAP_FAILED) return;
  word_ = static_cast<int*>(page);
  *word_ = kUnanswered;
}

Handshake::~Handshake() {
  if (word_ != nullptr) munmap(word_, sizeof(int));
}

void Handshake::Answer(int err) {
  reinterpret_cast<std::atomic<int>*>(word_)->store(err, std::memory_order_release);
  Sys(SYS_futex, reinterpret_cast<long>(word_), FUTEX_WAKE, 1);
}

int Handshake::Await(pid_t child) {
  auto* word = reinterpret_cast<std::atomic<int>*>(word_);
  int answer;
  while ((answer = word->load(std::memory_order_acquire)) == kUnanswered) {
    const timespec wait{0, 10'000'000};
    Sys(SYS_futex, reinterpret_cast<long>(word_), FUTEX_WAIT, kUnanswered, reinterpret_cast<long>(&wait));
    siginfo_t info = {};
    const bool ended = waitid(P_PID, static_cast<id_t>(child), &info, WEXITED | WNOHANG | WNOWAIT) == 0 &&
                       info.si_pid == child;
    if (ended && word->load(std::memory_order_acquire) == kUnanswered) return 0;  // killed: its status tells
  }
  if (answer == 0) return 0;
  while (waitpid(child, nullptr, 0) < 0 && errno == EINTR) {
  }
  return answer;
}

}  // namespace prong::fork

#endif
