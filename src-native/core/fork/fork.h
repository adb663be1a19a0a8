// fork(), whole: the child has the heap, the helper threads and a loop of its own. See docs/architecture.md.
#pragma once

#include <sys/types.h>
#include <uv.h>

#include <string>
#include <vector>

#include "core/fork/random.h"
#include "core/fork/random_seeds.h"

namespace prong::fork {

struct Options {
  bool abandon_workers = false;
  bool keep_paths = false;  // the child takes the parent's place: listening sockets' paths become its own
};

struct Result {
  pid_t pid = -1;            // as fork(2)
  int err = 0;               // errno, where pid is -1
  bool live_worker = false;  // refused because a Worker lives
  std::string why;           // what stood in the way
};

// 0 where this machine can; ENOTSUP, with the first reason, where not; EAGAIN where that can't be found out
// just now.
int CanFork(std::string* reason);

// Looks for the state of Math.random by the last values drawn from it; answers how many places it could be.
size_t FindRandomState(const std::vector<double>& drawn);
// What becomes of it then.
RandomState* GetRandomState();
SeedState* GetSeedState();

// Called on the thread of `loop`, which must be the process's main thread.
Result Fork(uv_loop_t* loop, const Options& options);

}  // namespace prong::fork
