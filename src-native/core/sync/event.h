// A flag that can be waited for. A waiter that was there when the flag was set has been granted its wait,
// even if the flag is cleared before it runs.
#pragma once

#include "core/sync/waitable.h"

namespace prong {

constexpr uint32_t kEventSet = 1;
constexpr uint32_t kEventWaiters = 2;
constexpr uint32_t kEventDestroyed = 4;

class EventCore {
 public:
  void Init() { queue_.Init(); }
  Status Try(uint32_t me, uint32_t record);
  bool MarkWaiting(uint32_t me);
  Status Leave(uint32_t me, uint32_t record, Status status);
  WaitQueue* queue() { return &queue_; }

  Status WaitFor(int64_t deadline, bool first) { return WaitSlice(this, deadline, first); }
  Status Set();
  Status Clear();
  void Destroy();

 private:
  std::atomic<uint32_t> word_;
  std::atomic<uint32_t> unused_[3];
  WaitQueue queue_;
};

}  // namespace prong
