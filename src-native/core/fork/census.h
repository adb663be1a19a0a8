// Which of the parked threads is which, and whether this is a moment at which a fork copies them whole.
#pragma once

#include <cstdint>

#include "core/fork/own_pages.h"
#include "core/fork/park.h"
#include "core/fork/pool.h"

#if PRONG_FORK_THREADS

namespace prong::fork {

enum class Verdict {
  kRevive,  // Node's own: it goes on in the child
  kDrop,    // it does not exist in the child, as POSIX has it
  kBusy,    // not now: let it go and look again
  kWorker,  // runs JavaScript of its own
};

struct Finding {
  Verdict verdict;
  Text why;              // of kBusy: what is under way
  bool blocked = false;  // of kBusy: it sleeps in the kernel, and may do so for ever
  bool at_work = false;  // of kRevive: it is collecting or compiling
  bool at_rest = false;  // of kRevive: it waits for something to do
};

class Census {
 public:
  explicit Census(const Layout& layout) : layout_(layout), own_isolate_(layout.current_isolate()) {}

  // Looks at all threads of a round before any verdict: what one is waiting for tells what its like are.
  void Learn(const OwnVector<Parked*>& threads);
  Finding Judge(const Parked& thread, bool abandon_workers) const;

  // libuv's pool, at rest.
  Pool PoolOf(const OwnVector<Parked*>& threads) const;

  // Where a thread waits in an event loop of its own, that loop's epoll set; -1 elsewhere.
  int LoopOf(const Parked& thread) const;

 private:
  enum class Kind { kCompute, kLoop, kPool };
  enum class Stand { kCondition, kFutex, kInterrupted, kSleeping, kLibrary, kRunning };

  struct Known {
    uintptr_t start;  // routine
    Kind kind;
  };

  const Known* Find(uintptr_t start) const;
  void Remember(uintptr_t start, Kind kind);
  Stand StandOf(const Parked& thread) const;
  bool IsTimedWait(const Parked& thread) const;

  const Layout& layout_;
  void* own_isolate_;
  OwnVector<Known> kinds_;
};

}  // namespace prong::fork

#endif
