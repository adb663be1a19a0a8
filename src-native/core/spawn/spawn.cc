#include "core/spawn/spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>

#include "core/process/claims.h"
#include "core/spawn/child.h"

#ifndef CLONE_PIDFD
#define CLONE_PIDFD 0x00001000
#endif

namespace prong::spawn {

namespace {

constexpr size_t kStackBytes = 64 * 1024;
constexpr size_t kGuardBytes = 64 * 1024;  // a multiple of every page size in use

struct Shared {
  const Request* request;
  Failure failure;
};

// Runs in the parent's memory while the parent's thread sleeps in clone().
int Run(void* argument) {
  auto* shared = static_cast<Shared*>(argument);
  Failure failure = Prepare(*shared->request);
  if (!failure) failure = Execute(*shared->request);
  shared->failure = failure;
  _exit(127);
}

// Kept as long as its thread: unmapping it each time would interrupt every other thread's processor.
class Stack {
 public:
  static Stack& OfThread() {
    static thread_local Stack stack;
    return stack;
  }
  Stack(const Stack&) = delete;
  Stack& operator=(const Stack&) = delete;
  char* top() {
    if (base_ == nullptr) Map();
    return base_ == nullptr ? nullptr : base_ + kGuardBytes + kStackBytes;
  }

 private:
  Stack() = default;
  ~Stack() {
    if (base_ != nullptr) munmap(base_, kGuardBytes + kStackBytes);
  }
  void Map() {
    void* base = mmap(nullptr, kGuardBytes + kStackBytes, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0);
    if (base == MAP_FAILED) return;
    base_ = static_cast<char*>(base);
    mprotect(base_, kGuardBytes, PROT_NONE);
  }

  char* base_ = nullptr;
};

// All of them, glibc's own two as well: no handler may run in the child while it shares our memory.
class SignalsBlocked {
 public:
  SignalsBlocked() {
    const uint64_t all = ~uint64_t{0};
    syscall(SYS_rt_sigprocmask, SIG_SETMASK, &all, &before_, sizeof before_);
  }
  ~SignalsBlocked() { syscall(SYS_rt_sigprocmask, SIG_SETMASK, &before_, nullptr, sizeof before_); }
  SignalsBlocked(const SignalsBlocked&) = delete;
  SignalsBlocked& operator=(const SignalsBlocked&) = delete;

 private:
  uint64_t before_ = 0;
};

}  // namespace

int OpenPidfd(pid_t pid) {
#ifdef SYS_pidfd_open
  return static_cast<int>(syscall(SYS_pidfd_open, pid, 0));
#else
  (void)pid;
  return -1;
#endif
}

Failure Spawn(const Request& request, Child* child) {
  Stack& stack = Stack::OfThread();
  if (stack.top() == nullptr) return {errno, "mmap"};
  Shared shared{&request, {}};
  int pidfd = -1;
  int error = 0;
  pid_t pid;
  {
    SignalsBlocked blocked;
    const int flags = CLONE_VM | CLONE_VFORK | SIGCHLD | (request.want_pidfd ? CLONE_PIDFD : 0);
    pid = clone(Run, stack.top(), flags, &shared, &pidfd);
    error = errno;
  }
  if (pid < 0) return {error, "clone"};
  if (shared.failure) {
    if (pidfd >= 0) close(pidfd);
    while (waitpid(pid, nullptr, 0) < 0 && errno == EINTR) {
    }
    return shared.failure;
  }
  process::Claim(pid, process::ClaimKind::kOwned);
  // Kernels before 5.2 ignore the flag.
  child->pid = pid;
  child->pidfd = pidfd >= 0 || !request.want_pidfd ? pidfd : OpenPidfd(pid);
  return {};
}

}  // namespace prong::spawn
