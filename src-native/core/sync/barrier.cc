#include "core/sync/barrier.h"

namespace prong {

namespace {

Status Numbered(uint32_t record) { return static_cast<Status>(kDone | RecordAt(record)->index << 8); }

Status ActFor(uint32_t record) { return static_cast<Status>(kAct | record << 8); }

}  // namespace

void BarrierCore::Init(uint32_t parties, bool has_action) {
  parties_ = parties;
  has_action_ = has_action ? 1 : 0;
  queue_.Init();
}

bool BarrierCore::ActorDied() { return actor_ != 0 && !IsAlive(actor_); }

Status BarrierCore::Try(uint32_t, uint32_t record) {
  WaitRecord* mine = RecordAt(record);
  uint32_t actor_record = 0;
  bool complete = false;
  {
    QueueGuard guard(&queue_);
    if (mine->state == kGranted) return Numbered(record);
    if (broken_ == 2) return kDestroyed;
    if (mine->state == kBroken || broken_ != 0) return kBrokenBarrier;
    if ((mine->flags & kActor) != 0) return ActFor(record);
    if (actor_ != 0) {
      if (IsAlive(actor_)) return kAgain;
    } else {
      uint32_t arrived = 0;
      bool among = false;
      for (uint32_t at = queue_.First(); at != 0 && arrived < parties_; at = queue_.Next(at), ++arrived) {
        among |= at == record;
      }
      if (arrived < parties_ || !among) return kAgain;
      complete = true;
      uint32_t number = 0;
      actor_record = (mine->flags & kCanAct) != 0 ? record : 0;
      for (uint32_t at = queue_.First(); number < parties_; at = queue_.Next(at), ++number) {
        WaitRecord* other = RecordAt(at);
        other->index = number;
        other->flags |= kTripped;
        if (actor_record == 0 && (other->flags & kCanAct) != 0) actor_record = at;
      }
      if (actor_record != 0) {
        RecordAt(actor_record)->flags |= kActor;
        actor_ = RecordAt(actor_record)->owner.load();
        if (actor_record == record) return ActFor(record);
        RecordAt(actor_record)->state = kWoken;
      }
    }
  }
  if (actor_record != 0) {
    WakeRecord(actor_record);
    return kAgain;
  }
  if (complete) return Open(record);
  // Whoever was to run the action is dead.
  Break(false);
  return kBrokenBarrier;
}

// Lets the complete generation go.
Status BarrierCore::Open(uint32_t record) {
  for (;;) {
    uint32_t batch[64];
    uint32_t count = 0;
    uint32_t next = 0;
    {
      QueueGuard guard(&queue_);
      uint32_t at = queue_.First();
      while (at != 0 && count < 64 && (RecordAt(at)->flags & kTripped) != 0) {
        queue_.Unlink(at);
        RecordAt(at)->state = kGranted;
        batch[count++] = at;
        at = queue_.First();
      }
      if (count < 64) {
        actor_ = 0;
        // The next generation may have come together meanwhile: somebody of it is to look.
        next = at;
        if (next != 0) RecordAt(next)->state = kWoken;
      }
    }
    for (uint32_t n = 0; n < count; ++n) {
      if (batch[n] != record) WakeRecord(batch[n]);
    }
    if (next != 0) WakeRecord(next);
    if (count < 64) return Numbered(record);
  }
}

Status BarrierCore::Acted(uint32_t record, bool well) {
  if (!well) Break(false);
  {
    QueueGuard guard(&queue_);
    if (broken_ == 2) return kDestroyed;
    if (broken_ != 0 || (RecordAt(record)->flags & kActor) == 0 || RecordAt(record)->state == kBroken) {
      queue_.Unlink(record);
      return kBrokenBarrier;
    }
  }
  return Open(record);
}

Status BarrierCore::Leave(uint32_t, uint32_t record, Status status) {
  if ((status & 0xff) == kAct) return status;
  if (status == kTimedOut) {
    {
      QueueGuard guard(&queue_);
      if (RecordAt(record)->state == kGranted) return Numbered(record);
      queue_.Unlink(record);
    }
    Break(false);
    return kBrokenBarrier;
  }
  QueueGuard guard(&queue_);
  queue_.Unlink(record);
  return status;
}

void BarrierCore::Break(bool reset) {
  {
    QueueGuard guard(&queue_);
    if (broken_ != 2) broken_ = 1;
    actor_ = 0;
  }
  queue_.Grant(UINT32_MAX, kBroken);
  uint32_t broken = 1;
  if (reset) broken_.compare_exchange_strong(broken, 0);
}

void BarrierCore::Destroy() {
  broken_ = 2;
  queue_.Grant(UINT32_MAX, kBroken);
}

uint32_t BarrierCore::Waiting() {
  QueueGuard guard(&queue_);
  uint32_t count = 0;
  for (uint32_t at = queue_.First(); at != 0; at = queue_.Next(at)) {
    if ((RecordAt(at)->flags & kTripped) == 0) ++count;
  }
  return count;
}

bool BarrierCore::Broken() {
  if (broken_ == 0) {
    if (!ActorDied()) return false;
    Break(false);
  }
  return true;
}

}  // namespace prong
