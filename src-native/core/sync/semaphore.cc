#include "core/sync/semaphore.h"

namespace prong {

namespace {
constexpr uint32_t kBatch = 64;
}  // namespace

void SemaphoreCore::Init(uint32_t value, uint32_t limit) {
  word_ = value;
  limit_ = limit;
  queue_.Init();
}

Status SemaphoreCore::Try(uint32_t me, uint32_t record) {
  for (;;) {
    uint32_t word = word_;
    if (word == kDestroyedCount) return kDestroyed;
    if ((word & kCountMask) == 0) return kAgain;
    if ((word & kGated) == 0) {
      if (word_.compare_exchange_strong(word, word - 1)) return kDone;
      continue;
    }
    QueueGuard guard(&queue_);
    if (!queue_.MayEnter(me, record)) return kAgain;
    if (word_.compare_exchange_strong(word, word - 1)) return kDone;
  }
}

bool SemaphoreCore::MarkWaiting(uint32_t) {
  uint32_t word = word_;
  while ((word & kHasWaiters) == 0) {
    if ((word & kCountMask) != 0 && (word & kGated) == 0) return false;
    if (word_.compare_exchange_weak(word, word | kHasWaiters)) return true;
  }
  // Places may have come since the attempt; whoever brought them has looked at the queue.
  return (word & kCountMask) == 0 || (word & kGated) != 0;
}

uint32_t SemaphoreCore::Offer(uint32_t* wake, uint32_t room) {
  const uint32_t first = queue_.First();
  uint32_t word = word_;
  if (first == 0) {
    while (word != kDestroyedCount && !word_.compare_exchange_weak(word, word & kCountMask)) {
    }
    return 0;
  }
  const int64_t now = NowNs();
  uint32_t count = 0;
  uint32_t places = word & kCountMask;
  for (uint32_t at = first; at != 0 && places > 0 && count < room; at = queue_.Next(at)) {
    WaitRecord* record = RecordAt(at);
    uint32_t waiting = kWaiting;
    if (record->state.compare_exchange_strong(waiting, kWoken)) {
      record->offered = now;
      wake[count++] = at;
    }
    // An event loop may take its time; somebody who sleeps can use the place meanwhile.
    if ((record->flags & kAsync) == 0) --places;
  }
  const uint32_t kept_for = queue_.Candidate();
  const bool gate = kept_for != 0 && queue_.KeepFor(kept_for, now);
  while (word != kDestroyedCount) {
    const uint32_t next = gate ? word | kGated : word & ~kGated;
    if (next == word || word_.compare_exchange_weak(word, next)) break;
  }
  return count;
}

Status SemaphoreCore::Leave(uint32_t, uint32_t record, Status status) {
  uint32_t wake[kBatch];
  uint32_t count;
  {
    QueueGuard guard(&queue_);
    queue_.Unlink(record);
    count = Offer(wake, kBatch);
  }
  for (uint32_t n = 0; n < count; ++n) WakeRecord(wake[n]);
  return status;
}

Status SemaphoreCore::WaitFor(int64_t deadline, bool first) {
  if (first) {
    // Without spinning, as a lock does: places are waited for for longer, and who is to bring one may need
    // the processor.
    const Status status = Try(self::Id(), 0);
    if (status != kAgain) return status;
    if (deadline <= NowNs()) return kTimedOut;
  }
  return WaitSlice(this, deadline, first);
}

Status SemaphoreCore::Release(uint32_t places) {
  uint32_t word = word_;
  do {
    if (word == kDestroyedCount) return kDestroyed;
    if (places > limit_ - (word & kCountMask)) return kTooMany;
  } while (!word_.compare_exchange_weak(word, word + places));
  if ((word & kHasWaiters) == 0) return kDone;
  uint32_t wake[kBatch];
  uint32_t count;
  do {
    {
      QueueGuard guard(&queue_);
      count = Offer(wake, kBatch);
    }
    for (uint32_t n = 0; n < count; ++n) WakeRecord(wake[n]);
  } while (count == kBatch);
  return kDone;
}

void SemaphoreCore::Destroy() {
  word_ = kDestroyedCount;
  queue_.Grant(UINT32_MAX, kWoken);
}

}  // namespace prong
