// Who waits for whom: a lock's word names its holder, a blocked thread's slot and a promise's record name the
// lock that is waited for. Only locks made for it are traced.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

namespace prong {

// What is known of a traced lock's present holder, in a block of its own beside the lock.
struct LockTrace {
  std::atomic<uint32_t> chain;  // the holder's asynchronous call chain; 0: the thread as such
  char name[64];
  char holder[376];  // thread, process and stack, as text
};

struct CycleStep {
  uint64_t lock;
  uint32_t holder;
};

// Follows who waits for whom from `lock`, which the calling thread waits for: blocked as a whole (chain 0),
// or in one of its chains. Gives the number of steps of the cycle that leads back to it, and them; 0 where
// there is none.
size_t FindCycle(uint64_t lock, uint32_t chain, CycleStep* steps, size_t room);

// The trace of a lock, made on first use; nullptr where there is no memory.
LockTrace* TraceOf(uint64_t lock, bool make);

}  // namespace prong
