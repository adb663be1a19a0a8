// Starts a parked thread anew in the forked child: same stack, same thread block, same instruction.
#pragma once

#include "core/fork/park.h"

#if PRONG_FORK_THREADS

namespace prong::fork {

// 0 or -errno (-EAGAIN at a limit of threads).
int Revive(Parked* thread, const Layout& layout);

// Makes a thread that does not exist in the child look ended, so that nobody waits to join it.
void Forget(const Parked& thread, const Layout& layout);

// Whether `count` more threads can be started now. libuv aborts where it can't have its pool.
bool CanStartThreads(int count);

}  // namespace prong::fork

#endif
