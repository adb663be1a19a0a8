// Waiters in a row, to be notified one by one or all at once. The lock that belongs to a condition is the
// caller's.
#pragma once

#include "core/sync/waitable.h"

namespace prong {

class ConditionCore {
 public:
  void Init() { queue_.Init(); }
  Status Try(uint32_t, uint32_t record) {
    if (destroyed_ != 0) return kDestroyed;
    return RecordAt(record)->state == kGranted ? kDone : kAgain;
  }
  bool MarkWaiting(uint32_t) { return true; }
  Status Leave(uint32_t, uint32_t record, Status status) {
    QueueGuard guard(&queue_);
    return queue_.Unlink(record) || status != kTimedOut ? status : kDone;
  }
  WaitQueue* queue() { return &queue_; }

  Status WaitFor(int64_t deadline, bool first) { return WaitSlice(this, deadline, first); }
  // Wakes the `count` that have waited longest; gives how many there were.
  uint32_t Notify(uint32_t count, bool later = false) { return queue_.Grant(count, kGranted, later); }
  void Destroy() {
    destroyed_ = 1;
    queue_.Grant(UINT32_MAX, kWoken);
  }

 private:
  std::atomic<uint32_t> destroyed_;
  std::atomic<uint32_t> unused_[3];
  WaitQueue queue_;
};

}  // namespace prong
