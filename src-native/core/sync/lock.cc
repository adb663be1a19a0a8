#include "core/sync/lock.h"

namespace prong {

namespace {

constexpr int kSpins = 60;

}  // namespace

void LockCore::Init(uint32_t options) {
  options_ = options;
  queue_.Init();
}

Status LockCore::Try(uint32_t me, uint32_t record) {
  for (;;) {
    uint32_t word = word_.load(std::memory_order_acquire);
    const uint32_t holder = word & kIdMask;
    if (holder == kDestroyedWord) return kDestroyed;
    if (holder != 0) {
      if (holder == me || IsAlive(holder)) return kAgain;
      const bool poison = (options_ & kThrowOnDeath) != 0;
      const uint32_t next = kDiedMark | (word & kHasWaiters) | (poison ? 0 : me);
      if (word_.compare_exchange_strong(word, next)) return poison ? kOwnerDied : kDone;
    } else if ((word & kDiedMark) != 0) {
      return kOwnerDied;
    } else if ((word & kGated) == 0) {
      if (word_.compare_exchange_strong(word, me | (word & kHasWaiters))) return kDone;
    } else {
      QueueGuard guard(&queue_);
      if (!queue_.MayEnter(me, record)) return kAgain;
      if (word_.compare_exchange_strong(word, me | kHasWaiters)) return kDone;
    }
  }
}

bool LockCore::MarkWaiting(uint32_t) {
  uint32_t word = word_.load();
  while ((word & kHasWaiters) == 0) {
    if ((word & (kIdMask | kGated)) == 0) return false;
    if (word_.compare_exchange_weak(word, word | kHasWaiters)) return true;
  }
  return true;
}

// Out of the queue, and the rest of it is not forgotten: the holder learns that there are others, or, where
// nobody holds the lock, the next one is woken in this one's place.
Status LockCore::Leave(uint32_t me, uint32_t record, Status status) {
  uint32_t wake = 0;
  {
    QueueGuard guard(&queue_);
    queue_.Unlink(record);
    const uint32_t next = queue_.First();
    uint32_t word = word_.load();
    if (status == kDone) {
      while (next != 0 && (word & kIdMask) == me && (word & kHasWaiters) == 0) {
        if (word_.compare_exchange_weak(word, word | kHasWaiters)) break;
      }
    } else if (next == 0) {
      // Nobody is left to keep it for.
      while ((word & kIdMask) == 0 && (word & kGated) != 0) {
        if (word_.compare_exchange_weak(word, 0)) break;
      }
    } else if ((word & kIdMask) == 0) {
      RecordAt(next)->offered = NowNs();
      RecordAt(next)->state = kWoken;
      wake = next;
    }
  }
  if (wake != 0) WakeRecord(wake);
  return status;
}

Status LockCore::WaitFor(int64_t deadline, bool first) {
  const uint32_t me = self::Id();
  if (first) {
    for (int spin = 0; spin < kSpins; ++spin) {
      uint32_t word = word_.load(std::memory_order_relaxed);
      if (word == 0 && word_.compare_exchange_strong(word, me)) return kDone;
      if ((word & (kGated | kDiedMark)) != 0) break;
      CpuRelax();
    }
    const Status status = Try(me, 0);
    if (status != kAgain) return status;
    if (deadline <= NowNs()) return kTimedOut;
  }
  return WaitSlice(this, deadline, first);
}

Status LockCore::Release(bool owner_only) {
  const uint32_t me = self::Id();
  uint32_t word = word_.load();
  for (;;) {
    const uint32_t holder = word & kIdMask;
    if (holder == kDestroyedWord) return kDestroyed;
    if (holder == 0) return (word & kDiedMark) != 0 ? kOwnerDied : kNotHeld;
    if (owner_only && holder != me) return kNotOwner;
    if ((word & kHasWaiters) == 0) {
      if (word_.compare_exchange_strong(word, 0)) return kDone;
      continue;
    }
    uint32_t wake[2] = {0, 0};
    {
      QueueGuard guard(&queue_);
      const uint32_t first = queue_.First();
      uint32_t next = 0;
      if (first != 0) {
        const int64_t now = NowNs();
        RecordAt(first)->offered = now;
        const uint32_t kept_for = queue_.Candidate();
        // Who got it by waiting has a turn of its own, however long the others have waited meanwhile: else
        // all but one in a row would get it once, and the last one for long.
        if (kept_for == first && queue_.KeepFor(first, now, turn_ + kStarvingNs)) {
          next = kGated | kHasWaiters;
          turn_ = now;
        }
      }
      if (!word_.compare_exchange_strong(word, next)) continue;
      if (first != 0) {
        RecordAt(first)->state = kWoken;
        wake[0] = first;
        // An event loop may take its time; somebody who sleeps can use the lock meanwhile.
        for (uint32_t at = first; next == 0 && at != 0 && wake[1] == 0; at = queue_.Next(at)) {
          if ((RecordAt(first)->flags & kAsync) == 0) break;
          if ((RecordAt(at)->flags & kAsync) == 0) wake[1] = at;
        }
        if (wake[1] != 0) RecordAt(wake[1])->state = kWoken;
      }
    }
    for (const uint32_t record : wake) {
      if (record != 0) WakeRecord(record);
    }
    return kDone;
  }
}

Status LockCore::Recover() {
  uint32_t word = word_.load();
  for (;;) {
    if ((word & kIdMask) == kDestroyedWord) return kDestroyed;
    if ((word & kIdMask) != 0 || (word & kDiedMark) == 0) return kNotHeld;
    if (word_.compare_exchange_weak(word, 0)) break;
  }
  uint32_t first;
  {
    QueueGuard guard(&queue_);
    first = queue_.First();
    if (first != 0) RecordAt(first)->state = kWoken;
  }
  if (first != 0) WakeRecord(first);
  return kDone;
}

void LockCore::Destroy() {
  word_ = kDestroyedWord;
  queue_.Grant(UINT32_MAX, kWoken);
}

}  // namespace prong
