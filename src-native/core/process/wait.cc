#include "core/process/wait.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <vector>

#include "core/process/children.h"

namespace prong::process {

namespace {

constexpr int kCoreFlag = 0x80;
constexpr int kStopped = 0x7f;
constexpr int kContinued = 0xffff;

// What wait(2) would have given for what waitid(2) tells.
int StatusOf(const siginfo_t& info) {
  switch (info.si_code) {
    case CLD_EXITED:
      return (info.si_status & 0xff) << 8;
    case CLD_KILLED:
      return info.si_status & 0x7f;
    case CLD_DUMPED:
      return (info.si_status & 0x7f) | kCoreFlag;
    case CLD_CONTINUED:
      return kContinued;
    default:
      return ((info.si_status & 0xff) << 8) | kStopped;
  }
}

// waitid() calls WUNTRACED by another name.
int IdOptions(int options) {
  return WEXITED | (options & (WNOHANG | WCONTINUED)) | ((options & WUNTRACED) != 0 ? WSTOPPED : 0);
}

int WaitId(idtype_t type, id_t id, int options, siginfo_t* info) {
  *info = {};
  while (waitid(type, id, info, options) != 0) {
    if (errno != EINTR) return -errno;
  }
  return 0;
}

// Blocks until one of these has something to report, as far as that can be told beforehand.
void Await(const std::vector<pid_t>& pids, int options, int* nap) {
  constexpr int kLongestNapMs = 20;
  std::vector<pollfd> entries;
  // A pidfd tells of an end only.
  bool all = (options & (WUNTRACED | WCONTINUED)) == 0;
  for (const pid_t pid : pids) {
    const int fd = OpenPidfd(pid);
    if (fd < 0) {
      all = false;
    } else {
      entries.push_back({fd, POLLIN, 0});
    }
  }
  poll(entries.data(), entries.size(), all ? -1 : *nap);
  *nap = std::min(*nap * 2, kLongestNapMs);
  for (const pollfd& entry : entries) close(entry.fd);
}

}  // namespace

int OpenPidfd(pid_t pid) {
#ifdef SYS_pidfd_open
  const long fd = syscall(SYS_pidfd_open, pid, 0);
  return fd < 0 ? -errno : static_cast<int>(fd);
#else
  (void)pid;
  return -ENOSYS;
#endif
}

int WaitFor(pid_t pid, int options, bool keep, Status* result) {
  if (keep) {
    siginfo_t info;
    const int error = WaitId(P_PID, static_cast<id_t>(pid), IdOptions(options) | WNOWAIT, &info);
    if (error != 0) return error;
    *result = info.si_pid == 0 ? Status{} : Status{info.si_pid, StatusOf(info)};
    return 0;
  }
  int status = 0;
  pid_t got;
  do {
    got = waitpid(pid, &status, options);
  } while (got < 0 && errno == EINTR);
  if (got < 0) return -errno;
  *result = {got, status};
  return 0;
}

int WaitAny(pid_t which, int options, const IsForeign& foreign, Status* result) {
  const pid_t group = which == 0 ? getpgrp() : which == -1 ? 0 : -which;
  const idtype_t type = group == 0 ? P_ALL : P_PGID;
  const int look = IdOptions(options) | WNOHANG | WNOWAIT;
  for (int nap = 1;;) {
    siginfo_t info;
    if (const int error = WaitId(type, static_cast<id_t>(group), look, &info); error != 0) return error;
    if (info.si_pid != 0 && !foreign(info.si_pid)) {
      const int error = WaitFor(info.si_pid, options | WNOHANG, false, result);
      if (error == 0 && result->pid != 0) return 0;
      continue;  // Another thread was faster.
    }
    // The first one that has something to say is somebody else's, or nobody has: ask each of ours.
    std::vector<pid_t> ours;
    bool others = false;
    for (const pid_t pid : Children()) {
      if (group != 0 && getpgid(pid) != group) continue;
      if (foreign(pid)) {
        others = true;
      } else {
        ours.push_back(pid);
      }
    }
    if (others && ours.empty()) return -ECHILD;
    if (others) {
      for (const pid_t pid : ours) {
        if (WaitFor(pid, options | WNOHANG, false, result) == 0 && result->pid != 0) return 0;
      }
    }
    *result = {};
    if ((options & WNOHANG) != 0) return 0;
    if (others) {
      Await(ours, options, &nap);
    } else if (const int error = WaitId(type, static_cast<id_t>(group), IdOptions(options) | WNOWAIT, &info);
               error != 0) {
      return error;
    }
  }
}

}  // namespace prong::process
