#include "core/sync/event.h"

namespace prong {

Status EventCore::Try(uint32_t, uint32_t record) {
  if (record != 0 && RecordAt(record)->state == kGranted) return kDone;
  const uint32_t word = word_;
  if ((word & kEventDestroyed) != 0) return kDestroyed;
  return (word & kEventSet) != 0 ? kDone : kAgain;
}

bool EventCore::MarkWaiting(uint32_t) {
  uint32_t word = word_;
  while ((word & kEventWaiters) == 0) {
    if ((word & (kEventSet | kEventDestroyed)) != 0) return false;
    if (word_.compare_exchange_weak(word, word | kEventWaiters)) return true;
  }
  return true;
}

Status EventCore::Leave(uint32_t, uint32_t record, Status status) {
  QueueGuard guard(&queue_);
  return queue_.Unlink(record) || status != kTimedOut ? status : kDone;
}

Status EventCore::Set() {
  uint32_t word = word_;
  do {
    if ((word & kEventDestroyed) != 0) return kDestroyed;
  } while (!word_.compare_exchange_weak(word, kEventSet));
  if ((word & kEventWaiters) != 0) queue_.Grant(UINT32_MAX);
  return kDone;
}

Status EventCore::Clear() {
  return (word_.fetch_and(~kEventSet) & kEventDestroyed) != 0 ? kDestroyed : kDone;
}

void EventCore::Destroy() {
  word_ = kEventDestroyed;
  queue_.Grant(UINT32_MAX, kWoken);
}

}  // namespace prong
