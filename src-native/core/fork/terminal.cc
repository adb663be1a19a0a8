#include "core/fork/terminal.h"

#include "core/fork/arch.h"

#if PRONG_FORK_THREADS

#include <fcntl.h>
#include <signal.h>
#include <termios.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <vector>

#include "core/fork/import.h"
#include "core/fork/layout.h"
#include "core/fork/proc.h"

namespace prong::fork {

namespace {

pid_t g_child = 0;
bool g_own_mode = false;  // the child has set a mode itself, and may put it back
decltype(&tcsetattr) g_tcsetattr = nullptr;

// Stands in for what the executable imports. libuv sets modes with TCSADRAIN; what puts the terminal back (at
// the end, and before an uncaught exception is printed) uses TCSANOW.
int SetMode(int fd, int action, const termios* mode) {
  if (g_child == getpid()) {
    if (action == TCSANOW && !g_own_mode) return 0;
    g_own_mode = true;
  }
  return g_tcsetattr(fd, action, mode);
}

// Runs before Node's own atexit handler, which passes over a descriptor that is another file than at the
// start.
void HideTerminals() {
  if (g_child != getpid()) return;
  std::fflush(nullptr);
  const int null = open("/dev/null", O_RDWR | O_CLOEXEC);
  if (null < 0) return;
  std::vector<int> fds;
  proc::ListFds(&fds);
  for (const int fd : fds) {
    if (isatty(fd)) dup2(null, fd);
  }
}

// Node's handler puts the terminal back and ends by the same signal: without it only the latter happens.
void ResetSignal(int signal) {
  struct sigaction action;
  if (sigaction(signal, nullptr, &action) != 0) return;
  const auto handler = reinterpret_cast<uintptr_t>(action.sa_handler);
  if ((action.sa_flags & static_cast<int>(SA_RESETHAND)) == 0 || !GetLayout(nullptr)->node.Has(handler))
    return;
  action = {};
  action.sa_handler = SIG_DFL;
  sigaction(signal, &action, nullptr);
}

}  // namespace

void LeaveTerminalAlone() {
  g_own_mode = false;
  g_child = getpid();
  if (g_tcsetattr == nullptr) {
    void* replaced = nullptr;
    if (ReplaceImport("tcsetattr", reinterpret_cast<void*>(SetMode), &replaced)) {
      g_tcsetattr = reinterpret_cast<decltype(&tcsetattr)>(replaced);
    }
  }
  if (g_tcsetattr != nullptr || (!isatty(0) && !isatty(1) && !isatty(2))) return;
  static bool registered = false;
  if (!registered) registered = std::atexit(HideTerminals) == 0;
  ResetSignal(SIGINT);
  ResetSignal(SIGTERM);
}

}  // namespace prong::fork

#endif
