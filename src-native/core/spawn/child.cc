#include "core/spawn/child.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstdint>

namespace prong::spawn {

namespace {

using Subject = Failure::Subject;

constexpr int kFirstFree = 3;

Failure Fail(const char* syscall, Subject subject = Subject::kNone) { return {errno, syscall, subject}; }

// The kernel's own layout: glibc's sigaction() refuses the two signals it keeps for itself.
struct KernelSigaction {
  void (*handler)(int);
  unsigned long flags;
  void (*restorer)();
  uint64_t mask;
};

constexpr size_t kMaskBytes = 8;
constexpr int kSignals = 64;

// A handler must not run here: it would change the parent's memory. Ignored signals stay ignored, as with
// every exec, but for those that Node ignores for itself.
void ResetSignals(bool restore) {
  for (int signal = 1; signal <= kSignals; ++signal) {
    if (signal == SIGKILL || signal == SIGSTOP) continue;
    KernelSigaction now{};
    if (syscall(SYS_rt_sigaction, signal, nullptr, &now, kMaskBytes) != 0 || now.handler == SIG_DFL) continue;
    if (now.handler == SIG_IGN && !(restore && (signal == SIGPIPE || signal == SIGXFSZ))) continue;
    KernelSigaction fresh{};
    fresh.handler = SIG_DFL;
    syscall(SYS_rt_sigaction, signal, &fresh, nullptr, kMaskBytes);
  }
}

bool Inheritable(int fd) {
  const int flags = fcntl(fd, F_GETFD);
  if (flags < 0) return false;
  return (flags & FD_CLOEXEC) == 0 || fcntl(fd, F_SETFD, flags & ~FD_CLOEXEC) == 0;
}

Failure PlaceStdio(const int (&wanted)[3]) {
  int source[3] = {wanted[0], wanted[1], wanted[2]};
  for (int target = 0; target < 3; ++target) {
    // Out of the way of the dup2 calls below.
    if (source[target] < 0 || source[target] >= kFirstFree || source[target] == target) continue;
    source[target] = fcntl(source[target], F_DUPFD_CLOEXEC, kFirstFree);
    if (source[target] < 0) return Fail("fcntl");
  }
  for (int target = 0; target < 3; ++target) {
    if (source[target] == target) {
      if (!Inheritable(target)) return Fail("fcntl");
    } else if (source[target] < 0) {
      // Node makes its own close-on-exec. The parent may have none at all here.
      Inheritable(target);
    } else if (dup2(source[target], target) < 0) {
      return Fail("dup2");
    }
    // Programs expect to block, and Node makes its own pipes and terminals non-blocking.
    const int flags = fcntl(target, F_GETFL);
    if (flags >= 0 && (flags & O_NONBLOCK) != 0) fcntl(target, F_SETFL, flags & ~O_NONBLOCK);
  }
  return {};
}

#ifndef CLOSE_RANGE_CLOEXEC
#define CLOSE_RANGE_CLOEXEC (1U << 2)
#endif

// By exec, not before: in a forked Node other threads still wait in their event loops, which abort without
// their descriptors.
int CloseAtExec(unsigned low, unsigned high) {
  return low > high ? 0 : static_cast<int>(syscall(SYS_close_range, low, high, CLOSE_RANGE_CLOEXEC));
}

bool Contains(const std::vector<int>& sorted, int fd) {
  for (const int kept : sorted) {
    if (kept == fd) return true;
  }
  return false;
}

struct KernelDirent {
  uint64_t inode;
  int64_t offset;
  uint16_t length;
  uint8_t type;
  char name[];
};

// For kernels before 5.11, and sandboxes that forbid close_range.
void CloseEachAtExec(const std::vector<int>& keep) {
  const int directory = open("/proc/self/fd", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (directory < 0) {
    const long limit = sysconf(_SC_OPEN_MAX);
    for (int fd = kFirstFree; fd < (limit < 0 ? 65536 : limit); ++fd) {
      if (!Contains(keep, fd)) fcntl(fd, F_SETFD, FD_CLOEXEC);
    }
    return;
  }
  alignas(KernelDirent) char buffer[4096];
  long bytes;
  while ((bytes = syscall(SYS_getdents64, directory, buffer, sizeof buffer)) > 0) {
    for (long at = 0; at < bytes;) {
      const auto* entry = reinterpret_cast<const KernelDirent*>(buffer + at);
      at += entry->length;
      int fd = 0;
      const char* digit = entry->name;
      for (; *digit >= '0' && *digit <= '9'; ++digit) fd = fd * 10 + (*digit - '0');
      if (*digit != '\0' || digit == entry->name || fd < kFirstFree || fd == directory) continue;
      if (!Contains(keep, fd)) fcntl(fd, F_SETFD, FD_CLOEXEC);
    }
  }
  close(directory);
}

void CloseOthers(const std::vector<int>& keep) {
  unsigned low = kFirstFree;
  for (const int fd : keep) {
    if (fd < kFirstFree) continue;
    if (CloseAtExec(low, static_cast<unsigned>(fd) - 1) != 0) return CloseEachAtExec(keep);
    low = static_cast<unsigned>(fd) + 1;
  }
  if (CloseAtExec(low, ~0U) != 0) CloseEachAtExec(keep);
}

}  // namespace

Failure Prepare(const Request& request) {
  for (const int fd : request.pass_fds) {
    if (!Inheritable(fd)) return Fail("fcntl");
  }
  if (const Failure failure = PlaceStdio(request.stdio)) return failure;
  if (request.cwd != nullptr && chdir(request.cwd) != 0) return Fail("chdir", Subject::kDirectory);
  if (request.umask >= 0) umask(static_cast<mode_t>(request.umask));
  ResetSignals(request.restore_signals);
  if (request.new_session && setsid() < 0) return Fail("setsid");
  if (request.process_group >= 0 && setpgid(0, static_cast<pid_t>(request.process_group)) != 0) {
    return Fail("setpgid");
  }
  // Raw calls: glibc's would try to change every thread of the parent along.
  if (request.set_groups && syscall(SYS_setgroups, request.groups.size(), request.groups.data()) != 0) {
    return Fail("setgroups");
  }
  if (request.gid >= 0 && syscall(SYS_setresgid, request.gid, request.gid, request.gid) != 0) {
    return Fail("setresgid");
  }
  if (request.uid >= 0 && syscall(SYS_setresuid, request.uid, request.uid, request.uid) != 0) {
    return Fail("setresuid");
  }
  if (request.subreaper) prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
  return {};
}

Failure Execute(const Request& request) {
  if (request.close_fds) CloseOthers(request.pass_fds);
  const uint64_t none = 0;
  syscall(SYS_rt_sigprocmask, SIG_SETMASK, &none, nullptr, kMaskBytes);
  int telling = 0;
  for (const char* file : request.candidates) {
    execve(file, request.argv.data(), request.envp);
    // "Not here" gives way to any better reason that another directory of PATH has.
    if (errno != ENOENT && errno != ENOTDIR && telling == 0) telling = errno;
  }
  return {telling != 0 ? telling : errno, "execve", Subject::kProgram};
}

}  // namespace prong::spawn
