// The steps between the creation of the child and its program. They run where only async-signal-safe calls
// are allowed, perhaps in memory shared with the parent, and so neither allocate nor take a lock.
#pragma once

#include "core/spawn/request.h"

namespace prong::spawn {

// Everything up to the point where Python calls preexec_fn: descriptors, directory, umask, signals, session,
// ids.
Failure Prepare(const Request& request);

// Closes what the program must not see and replaces the process. Returns only on failure.
Failure Execute(const Request& request);

}  // namespace prong::spawn
