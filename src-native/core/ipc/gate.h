// Where readers wait for items, writers for room and joiners for the end of all tasks. A gate grants nothing:
// whoever comes through looks at the queue, and comes back where somebody else was faster.
#pragma once

#include "core/sync/waitable.h"

namespace prong {

enum class GateSide : uint32_t { kItems = 0, kRoom = 1, kTasks = 2 };

class GateCore {
 public:
  void Init(uint64_t queue, GateSide side) {
    owner_ = queue;
    side_ = static_cast<uint32_t>(side);
    queue_.Init();
  }
  Status Try(uint32_t, uint32_t) { return Ready() ? kDone : kAgain; }
  bool MarkWaiting(uint32_t) {
    {
      QueueGuard guard(&queue_);
      waiting_ = 1;
    }
    std::atomic_thread_fence(std::memory_order_seq_cst);
    return !Ready();
  }
  Status Leave(uint32_t me, uint32_t record, Status status);
  WaitQueue* queue() { return &queue_; }

  Status WaitFor(int64_t deadline, bool first) { return WaitSlice(this, deadline, first); }
  // Wakes `count` of those who sleep; call it after what they wait for has been published.
  void Open(uint32_t count) {
    std::atomic_thread_fence(std::memory_order_seq_cst);
    if (waiting_.load() != 0) Wake(count);
  }
  void Destroy() { Open(UINT32_MAX); }

 private:
  bool Ready();
  void Wake(uint32_t count);

  std::atomic<uint32_t> waiting_;  // somebody may sleep
  std::atomic<uint32_t> side_;
  std::atomic<uint64_t> owner_;
  WaitQueue queue_;
};

}  // namespace prong
