// A lock whose word holds the identity of its holder, so that taking it and saying who has it are one
// instruction. The word of a free lock is 0; taking and releasing an uncontended one is a compare-and-swap,
// done by JavaScript itself.
#pragma once

#include <cstddef>

#include "core/sync/waitable.h"

namespace prong {

constexpr uint32_t kHasWaiters = 1u << 29;
constexpr uint32_t kGated = 1u << 30;  // free, but kept for the first in the queue
constexpr uint32_t kDiedMark =
    1u << 31;  // with a holder: it took over from a dead one; alone: unusable until recover()
constexpr uint32_t kDestroyedWord = kIdMask;

enum LockOptions : uint32_t { kThrowOnDeath = 1, kTraced = 2, kRecursive = 4 };

class LockCore {
 public:
  void Init(uint32_t options);
  Status Try(uint32_t me, uint32_t record);
  bool MarkWaiting(uint32_t me);
  Status Leave(uint32_t me, uint32_t record, Status status);
  WaitQueue* queue() { return &queue_; }
  static uint64_t QueueOffset() { return offsetof(LockCore, queue_); }

  // Spins a little, then queues; see WaitSlice.
  Status WaitFor(int64_t deadline, bool first);
  // `owner_only`: kNotOwner for anyone else than the holder.
  Status Release(bool owner_only);
  Status Recover();
  void Destroy();

  std::atomic<uint32_t>* word() { return &word_; }
  std::atomic<uint64_t>* trace() { return &trace_; }

 private:
  std::atomic<uint32_t> word_;
  std::atomic<uint32_t> options_;
  std::atomic<uint64_t> trace_;
  std::atomic<int64_t> turn_;  // when it was last kept for somebody
  WaitQueue queue_;
};

}  // namespace prong
