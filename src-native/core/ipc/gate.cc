#include "core/ipc/gate.h"

#include "core/ipc/queue.h"

namespace prong {

bool GateCore::Ready() {
  QueueCore* queue = arena::At<QueueCore>(owner_);
  switch (static_cast<GateSide>(side_.load(std::memory_order_relaxed))) {
    case GateSide::kItems:
      return queue->HasItems();
    case GateSide::kRoom:
      return queue->HasRoom();
    case GateSide::kTasks:
      return queue->Unfinished() == 0;
  }
  return true;
}

Status GateCore::Leave(uint32_t, uint32_t record, Status status) {
  {
    QueueGuard guard(&queue_);
    queue_.Unlink(record);
  }
  // It may have been woken for what it now leaves to others.
  if (status != kDone && Ready()) Open(1);
  return status;
}

void GateCore::Wake(uint32_t limit) {
  constexpr uint32_t kBatch = 64;
  uint32_t woken = 0;
  for (;;) {
    uint32_t batch[kBatch];
    uint32_t count = 0;
    {
      QueueGuard guard(&queue_);
      uint32_t at = queue_.First();
      for (; at != 0 && count < kBatch && woken + count < limit; at = queue_.Next(at)) {
        uint32_t waiting = kWaiting;
        if (RecordAt(at)->state.compare_exchange_strong(waiting, kWoken)) batch[count++] = at;
      }
      // All are awake, and each marks the gate again before it sleeps.
      if (at == 0) waiting_ = 0;
    }
    for (uint32_t n = 0; n < count; ++n) WakeRecord(batch[n]);
    woken += count;
    if (count < kBatch) return;
  }
}

}  // namespace prong
