#include "core/spawn/wait.h"

#include <errno.h>
#include <poll.h>
#include <sys/wait.h>
#include <time.h>

#include <algorithm>
#include <climits>

#include "core/process/claims.h"

namespace prong::spawn {

namespace {

constexpr int64_t kNanosPerMs = 1000000;

int64_t Now() {
  timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<int64_t>(now.tv_sec) * 1000000000 + now.tv_nsec;
}

}  // namespace

Deadline::Deadline(double timeout_ms) {
  // Anything above is for ever in practice, and would not fit.
  constexpr double kLongest = 1e12;
  at_ = timeout_ms < 0 || timeout_ms > kLongest ? -1 : Now() + static_cast<int64_t>(timeout_ms * kNanosPerMs);
}

int Deadline::remaining_ms() const {
  if (at_ < 0) return -1;
  const int64_t left = at_ - Now();
  if (left <= 0) return 0;
  return static_cast<int>(std::min<int64_t>((left + kNanosPerMs - 1) / kNanosPerMs, INT_MAX));
}

int ReturnCode(int status) { return WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status); }

int Reap(pid_t pid) {
  int status = 0;
  pid_t got;
  do {
    got = waitpid(pid, &status, WNOHANG);
  } while (got < 0 && errno == EINTR);
  if (got == 0) return kStillRunning;
  process::Unclaim(pid, process::ClaimKind::kOwned);
  return got < 0 ? 0 : ReturnCode(status);
}

bool AwaitEnd(pid_t pid, int pidfd, const Deadline& deadline) {
  constexpr int kLongestNapMs = 20;
  for (int nap = 1;;) {
    const int left = deadline.remaining_ms();
    if (pidfd >= 0) {
      pollfd entry = {pidfd, POLLIN, 0};
      const int ready = poll(&entry, 1, left);
      if (ready > 0) return true;
      if (ready == 0 && deadline.remaining_ms() == 0) return false;
      continue;
    }
    siginfo_t info{};
    if (waitid(P_PID, static_cast<id_t>(pid), &info, WEXITED | WNOHANG | WNOWAIT) != 0 || info.si_pid != 0) {
      return true;
    }
    if (left == 0) return false;
    poll(nullptr, 0, left < 0 ? nap : std::min(nap, left));
    nap = std::min(nap * 2, kLongestNapMs);
  }
}

int WaitAndReap(pid_t pid, int pidfd, const Deadline& deadline) {
  if (!deadline.never()) {
    if (!AwaitEnd(pid, pidfd, deadline)) return kStillRunning;
    return Reap(pid);
  }
  int status = 0;
  pid_t got;
  do {
    got = waitpid(pid, &status, 0);
  } while (got < 0 && errno == EINTR);
  process::Unclaim(pid, process::ClaimKind::kOwned);
  return got < 0 ? 0 : ReturnCode(status);
}

}  // namespace prong::spawn
