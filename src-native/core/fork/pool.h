// libuv's thread pool does not exist in a forked child until the first request makes a new one. Where none does,
// libuv's own clean-up at exit would wait on the mutex and the condition variable that the old threads sleep on.
#pragma once

namespace prong::fork {

// In the child of a process that had a pool: sees to it that there is one to clean up when the process exits.
void RemakePoolAtExit();

}  // namespace prong::fork
