// Starts a program at a cost that doesn't depend on how much memory this process has.
#pragma once

#include <sys/types.h>

#include "core/spawn/request.h"

namespace prong::spawn {

struct Child {
  pid_t pid = -1;
  int pidfd = -1;  // -1 if not wanted, and on kernels that have none (before 5.3)
};

// Creates the child by a vfork-like clone and returns once it runs its program, or says which step failed. A
// child that failed is reaped here.
Failure Spawn(const Request& request, Child* child);

// A descriptor for a process, close-on-exec. -1 where the kernel has none.
int OpenPidfd(pid_t pid);

}  // namespace prong::spawn
