// libuv's thread pool does not exist in a forked child until the first request makes a new one. Where none
// does, libuv's own clean-up at exit would wait for ever on the condition variable that the old threads sleep
// on, and abort on the mutex that they count as users of.
#pragma once

#include <cstddef>
#include <cstdint>

namespace prong::fork {

// The old pool: how many threads, and the futex word of the condition variable that one of them sleeps on.
struct Pool {
  size_t threads = 0;
  uintptr_t futex = 0;
};

// Whether the condition variable and the mutex are just as a pool of so many sleeping threads leaves them.
bool IsPoolUnderstood(const Pool& pool);

// In the child: makes them unused.
void ReleasePool(const Pool& pool);

}  // namespace prong::fork
