#include "core/process/exec.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <termios.h>
#include <unistd.h>
#include <uv.h>

namespace prong::process {

namespace {

// Node ignores these for itself; other ignored signals were so when it started, or are the user's wish.
// Handlers are reset by the kernel.
constexpr int kIgnoredByNode[] = {SIGPIPE, SIGXFSZ};
constexpr int kStdio = 3;

class Signals {
 public:
  void Reset() {
    for (int i = 0; i < kCount; ++i) {
      sigaction(kIgnoredByNode[i], nullptr, &before_[i]);
      if (before_[i].sa_handler != SIG_IGN) continue;
      struct sigaction fresh{};
      fresh.sa_handler = SIG_DFL;
      sigaction(kIgnoredByNode[i], &fresh, nullptr);
    }
    sigset_t none;
    sigemptyset(&none);
    pthread_sigmask(SIG_SETMASK, &none, &mask_);
  }
  void PutBack() {
    pthread_sigmask(SIG_SETMASK, &mask_, nullptr);
    for (int i = 0; i < kCount; ++i) sigaction(kIgnoredByNode[i], &before_[i], nullptr);
  }

 private:
  static constexpr int kCount = sizeof kIgnoredByNode / sizeof *kIgnoredByNode;
  struct sigaction before_[kCount];
  sigset_t mask_;
};

// Standard descriptors: Node makes them close-on-exec, its pipes and terminals non-blocking, and terminals
// perhaps raw.
class Stdio {
 public:
  void Reset() {
    for (int fd = 0; fd < kStdio; ++fd) {
      flags_[fd] = fcntl(fd, F_GETFD);
      status_[fd] = fcntl(fd, F_GETFL);
      terminal_[fd] = isatty(fd) != 0 && tcgetattr(fd, &modes_[fd]) == 0;
    }
    WithTtouBlocked([] { uv_tty_reset_mode(); });
    for (int fd = 0; fd < kStdio; ++fd) {
      if (flags_[fd] > 0) fcntl(fd, F_SETFD, flags_[fd] & ~FD_CLOEXEC);
      if (status_[fd] >= 0 && (status_[fd] & O_NONBLOCK) != 0) fcntl(fd, F_SETFL, status_[fd] & ~O_NONBLOCK);
    }
  }
  void PutBack() {
    for (int fd = 0; fd < kStdio; ++fd) {
      if (status_[fd] >= 0 && (status_[fd] & O_NONBLOCK) != 0) fcntl(fd, F_SETFL, status_[fd]);
      if (flags_[fd] > 0) fcntl(fd, F_SETFD, flags_[fd]);
      if (terminal_[fd]) WithTtouBlocked([&] { tcsetattr(fd, TCSANOW, &modes_[fd]); });
    }
  }

 private:
  // In the background, changing a terminal would stop this process.
  template <typename Body>
  static void WithTtouBlocked(Body body) {
    sigset_t ttou, before;
    sigemptyset(&ttou);
    sigaddset(&ttou, SIGTTOU);
    pthread_sigmask(SIG_BLOCK, &ttou, &before);
    body();
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
  }

  int flags_[kStdio];
  int status_[kStdio];
  bool terminal_[kStdio];
  termios modes_[kStdio];
};

}  // namespace

int Exec(const Program& program) {
  Stdio stdio;
  Signals signals;
  stdio.Reset();
  signals.Reset();
  int telling = 0;
  int error = ENOENT;
  for (const char* file : program.candidates) {
    execve(file, program.argv, program.envp);
    error = errno;
    // "Not here" gives way to any better reason that another directory of PATH has.
    if (error != ENOENT && error != ENOTDIR && telling == 0) telling = error;
  }
  signals.PutBack();
  stdio.PutBack();
  return telling != 0 ? -telling : -error;
}

}  // namespace prong::process
