// libuv hands epoll_ctl calls to the kernel through an io_uring per loop (Node 22 and up). The rings of the
// helper threads' loops are shared memory: after a fork both sides would write to the same ones. In the child
// those loops are made to do without, as libuv does where there is no io_uring.
#pragma once

#include <sys/types.h>
#include <uv.h>

#include <string>
#include <vector>

#include "core/fork/layout.h"
#include "core/fork/park.h"

namespace prong::fork {

// A part of a ring in memory, as /proc/self/maps tells it.
struct RingMapping {
  Range range;
  unsigned long offset = 0;
};

// Where a helper thread's loop keeps its ring.
struct ThreadRing {
  int* descriptor = nullptr;  // libuv's own word, -1 for none; nullptr where the loop has no ring
  Range queue;
  Range entries;
};

#if PRONG_FORK_THREADS

// The loop that a parked thread waits in on `epoll_fd`: found on its stack, and known by that descriptor in
// it.
uv_loop_t* FindLoop(const Parked& thread, int epoll_fd);

// Finds the ring by the addresses of its memory in the loop's internal fields. False where it has one that
// can't be told for sure.
bool FindRing(const uv_loop_t* loop, const std::vector<RingMapping>& mappings, ThreadRing* ring);

// Finds the rings that are none of `known`, in the memory given: loops that no thread waits in at the moment
// (Node's tracing agent runs its own at exit). False where one was not found.
bool FindOtherRings(const std::vector<Range>& memory, const std::vector<RingMapping>& mappings,
                    const std::vector<Range>& known, std::vector<ThreadRing>* rings);

// In the child.
void DropRing(const ThreadRing& ring);

#endif

}  // namespace prong::fork
