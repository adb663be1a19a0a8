// A counter of free places. Word: the count, and marks as a lock's; JavaScript takes and gives uncontended
// places itself.
#pragma once

#include "core/sync/lock.h"

namespace prong {

constexpr uint32_t kCountMask = kIdMask;
constexpr uint32_t kDestroyedCount = UINT32_MAX;

class SemaphoreCore {
 public:
  void Init(uint32_t value, uint32_t limit);
  Status Try(uint32_t me, uint32_t record);
  bool MarkWaiting(uint32_t me);
  Status Leave(uint32_t me, uint32_t record, Status status);
  WaitQueue* queue() { return &queue_; }

  Status WaitFor(int64_t deadline, bool first);
  // kTooMany beyond the limit, with nothing changed.
  Status Release(uint32_t count);
  void Destroy();

 private:
  // Wakes as many as there are places for, in their order; called with the queue locked. Gives who is to be
  // woken.
  uint32_t Offer(uint32_t* wake, uint32_t room);

  std::atomic<uint32_t> word_;
  std::atomic<uint32_t> limit_;
  std::atomic<uint32_t> unused_[2];
  WaitQueue queue_;
};

}  // namespace prong
