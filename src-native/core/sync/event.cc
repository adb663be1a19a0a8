#include "core/sync/event.h"

namespace prong {

Status EventCore::Try(uint32_t, uint32_t record) {
  if (record != 0 && RecordAt(record)->state == kGranted) return kDone;
  return (word_ & kEventSet) != 0 ? kDone : kAgain;
}

bool EventCore::MarkWaiting(uint32_t) {
  uint32_t word = word_;
  while ((word & kEventWaiters) == 0) {
    if ((word & kEventSet) != 0) return false;
    if (word_.compare_exchange_weak(word, word | kEventWaiters)) return true;
  }
  return true;
}

void EventCore::Leave(uint32_t, uint32_t record, Status) {
  QueueGuard guard(&queue_);
  queue_.Unlink(record);
}

void EventCore::Set() {
  if ((word_.exchange(kEventSet) & kEventWaiters) == 0) return;
  // In batches, so that the queue isn't locked while the system wakes people.
  for (;;) {
    uint32_t batch[64];
    int count = 0;
    bool more;
    {
      QueueGuard guard(&queue_);
      uint32_t at;
      while (count < 64 && (at = queue_.First()) != 0) {
        queue_.Unlink(at);
        RecordAt(at)->state = kGranted;
        batch[count++] = at;
      }
      more = !queue_.Empty();
    }
    for (int n = 0; n < count; ++n) WakeRecord(batch[n]);
    if (!more) return;
  }
}

}  // namespace prong
