#include "core/sync/wait_queue.h"

#include "core/memory/arena.h"
#include "core/sync/futex.h"
#include "core/sync/thread_slot.h"

namespace prong {

namespace {

struct SyncCache {
  uint32_t owner;
  uint32_t number;
};
// A forked child finds its parent's here and sees by the owner that it isn't its own.
thread_local SyncCache sync_cache{0, 0};

constexpr uint32_t kLater = 16;
thread_local uint32_t later_records[kLater];
thread_local uint32_t later_count = 0;

bool Claim(uint32_t number, uint32_t flags) {
  WaitRecord* record = RecordAt(number);
  uint32_t free = 0;
  if (record->owner.load(std::memory_order_relaxed) != 0) return false;
  if (!record->owner.compare_exchange_strong(free, self::Id())) return false;
  record->state = kWaiting;
  record->flags = flags;
  record->offered = 0;
  record->chain = 0;
  record->index = 0;
  return true;
}

// Takes a record out of the queue it is in, if any. The queue outlives its records: objects are emptied
// before they go.
void Detach(uint32_t number) {
  WaitRecord* record = RecordAt(number);
  const uint64_t at = record->queue.load(std::memory_order_acquire);
  if (at == 0) return;
  QueueGuard guard(arena::At<WaitQueue>(at));
  arena::At<WaitQueue>(at)->Unlink(number);
}

void Reclaim(uint32_t number, uint32_t owner) {
  Detach(number);
  RecordAt(number)->owner.compare_exchange_strong(owner, 0);
}

}  // namespace

WaitRecord* RecordAt(uint32_t number) { return &arena::Records()[number]; }

uint32_t TakeRecord(uint32_t flags) {
  arena::Marks* marks = arena::GetMarks();
  const uint32_t mark = marks->records.load();
  if (mark > 1) {
    for (int tries = 0; tries < 64; ++tries) {
      const uint32_t number = 1 + marks->next_record.fetch_add(1) % (mark - 1);
      if (Claim(number, flags)) return number;
    }
  }
  for (uint32_t number = mark == 0 ? 1 : mark; number < arena::kMaxRecords; ++number) {
    if (!Claim(number, flags)) continue;
    uint32_t known = marks->records;
    while (known < number + 1 && !marks->records.compare_exchange_weak(known, number + 1)) {
    }
    return number;
  }
  for (uint32_t number = 1; number < arena::kMaxRecords; ++number) {
    const uint32_t owner = RecordAt(number)->owner;
    if (owner != 0 && !IsAlive(owner)) Reclaim(number, owner);
    if (Claim(number, flags)) return number;
  }
  return 0;
}

void GiveRecord(uint32_t number) { RecordAt(number)->owner.store(0, std::memory_order_release); }

void ReleaseRecordsOf(uint32_t id) {
  const uint32_t mark = arena::GetMarks()->records;
  for (uint32_t number = 1; number < mark; ++number) {
    if (RecordAt(number)->owner == id) Reclaim(number, id);
  }
  sync_cache = {0, 0};
}

uint32_t SyncRecord() {
  const uint32_t id = self::Id();
  if (sync_cache.owner != id) {
    const uint32_t number = TakeRecord(0);
    if (number == 0) return 0;
    sync_cache = {id, number};
  }
  return sync_cache.number;
}

void ForgetSyncRecord() { sync_cache = {0, 0}; }

void WakeLater() {
  while (later_count > 0) WakeRecord(later_records[--later_count]);
}

void WakeRecord(uint32_t number) {
  WaitRecord* record = RecordAt(number);
  if ((record->flags & kAsync) != 0) {
    const uint32_t owner = record->owner;
    if (owner != 0) Kick(owner);
  } else {
    FutexWake(&record->state, 1);
  }
}

void WaitQueue::Push(uint32_t number) {
  WaitRecord* record = RecordAt(number);
  record->next = 0;
  record->since = NowNs();
  record->queue = static_cast<uint64_t>(reinterpret_cast<char*>(this) - arena::Base());
  const uint32_t last = tail_;
  if (last == 0) {
    head_ = number;
  } else {
    RecordAt(last)->next = number;
  }
  tail_ = number;
}

void WaitQueue::UnlinkAfter(uint32_t previous, uint32_t number) {
  WaitRecord* record = RecordAt(number);
  const uint32_t next = record->next;
  if (tail_ == number) tail_ = previous;
  if (previous == 0) {
    head_ = next;
  } else {
    RecordAt(previous)->next = next;
  }
  record->queue = 0;
}

bool WaitQueue::Unlink(uint32_t number) {
  uint32_t previous = 0;
  for (uint32_t at = head_; at != 0; previous = at, at = RecordAt(at)->next) {
    if (at != number) continue;
    UnlinkAfter(previous, number);
    return true;
  }
  return false;
}

uint32_t WaitQueue::Live(uint32_t after) {
  uint32_t at = after == 0 ? head_.load() : RecordAt(after)->next.load();
  while (at != 0) {
    const uint32_t owner = RecordAt(at)->owner;
    if (owner != 0 && IsAlive(owner)) return at;
    const uint32_t next = RecordAt(at)->next;
    UnlinkAfter(after, at);
    uint32_t expected = owner;
    if (owner != 0) RecordAt(at)->owner.compare_exchange_strong(expected, 0);
    at = next;
  }
  return 0;
}

uint32_t WaitQueue::Candidate() {
  uint32_t at = First();
  while (at != 0 && (RecordAt(at)->flags & kPassedOver) != 0) at = Next(at);
  return at;
}

bool WaitQueue::KeepFor(uint32_t candidate, int64_t now, int64_t not_before) {
  WaitRecord* record = RecordAt(candidate);
  if (now >= not_before && now - record->since > kStarvingNs) return true;
  return (record->flags & kAsync) != 0 && record->owner == self::PeekId();
}

bool WaitQueue::MayEnter(uint32_t me, uint32_t record) {
  const uint32_t first = Candidate();
  if (first == 0 || first == record) return true;
  WaitRecord* other = RecordAt(first);
  // A thread that blocks would wait for ever for the promise that its own event loop is to settle. Its other
  // promises can wait for their turn.
  if (other->owner == me) return record == 0 || (RecordAt(record)->flags & kAsync) == 0;
  const int64_t kept = (other->flags & kAsync) != 0 ? kOfferNs : kSleeperOfferNs;
  if (NowNs() - other->offered <= kept) return false;
  other->flags |= kPassedOver;
  return true;
}

uint32_t WaitQueue::Grant(uint32_t limit, WaitState state, bool later) {
  uint32_t granted = 0;
  for (;;) {
    // In batches, so that the queue isn't locked while the system wakes people.
    uint32_t batch[64];
    uint32_t count = 0;
    {
      QueueGuard guard(this);
      uint32_t at;
      while (granted + count < limit && count < 64 && (at = First()) != 0) {
        UnlinkAfter(0, at);
        RecordAt(at)->state = state;
        batch[count++] = at;
      }
    }
    for (uint32_t n = 0; n < count; ++n) {
      if (later && later_count < kLater) {
        later_records[later_count++] = batch[n];
      } else {
        WakeRecord(batch[n]);
      }
    }
    granted += count;
    if (count < 64) return granted;
  }
}

uint32_t WaitQueue::CountLive() {
  uint32_t count = 0;
  for (uint32_t at = First(); at != 0; at = Next(at)) ++count;
  return count;
}

// The chain from the head is right at every instruction; a record that was being unlinked may still name the
// queue, and the tail may be one off.
void WaitQueue::Repair() {
  uint32_t last = 0;
  for (uint32_t at = head_; at != 0; at = RecordAt(at)->next) last = at;
  tail_ = last;
}

}  // namespace prong
