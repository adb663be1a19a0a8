// waitpid(2), for one child or for any, with consideration for children that others in this process wait for.
#pragma once

#include <sys/types.h>

#include <functional>

namespace prong::process {

struct Status {
  pid_t pid = 0;  // 0: nothing to report, under WNOHANG
  int status = 0;
};

// Waits for one child (pid > 0). With `keep` its status stays for whom it belongs to. Returns 0 or -errno.
int WaitFor(pid_t pid, int options, bool keep, Status* result);

// Tells a child that somebody else waits for.
using IsForeign = std::function<bool(pid_t)>;

// Waits for any child (which == -1), or for any of a group (0: our own, -pgid), that isn't somebody else's.
// ECHILD where there is none. Returns 0 or -errno.
int WaitAny(pid_t which, int options, const IsForeign& foreign, Status* result);

// A descriptor for a process, close-on-exec; -errno where there is none to be had.
int OpenPidfd(pid_t pid);

}  // namespace prong::process
