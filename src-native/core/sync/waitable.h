// What all waiting has in common. An object that can be waited for has a queue and
//   Try(me, record)   one attempt that doesn't block; `record` is the caller's place in the queue, or 0
//   MarkWaiting(me)   leaves a mark so that whoever changes the object looks at the queue; false: try again
//   first Leave(me, record, status)   takes the waiter out of the queue, passes on what was kept for it, and
//   says what the
//                     result is: what was granted in the last moment counts
// A waiter enters the queue once and stays in it until it has got what it wants or gives up.
#pragma once

#include <cstdint>

#include "core/sync/futex.h"
#include "core/sync/thread_slot.h"
#include "core/sync/wait_queue.h"

namespace prong {

enum Status : int32_t {
  kAgain = 0,      // not yet
  kDone = 1,       // got it
  kTimedOut = 2,   // the deadline has passed, and there is no trace of the wait
  kOwnerDied = 3,  // the holder died and the lock is not to be used before recover()
  kDestroyed = 4,
  kNotHeld = 5,
  kNotOwner = 6,
  kNoMemory = 7,
  kBrokenBarrier = 8,
  kTooMany = 9,
  kAct = 10,  // a barrier is complete: run the action, then say how it went
};

template <typename T>
Status Enter(T* object, uint32_t record) {
  RecordAt(record)->state = kWaiting;
  RecordAt(record)->flags &= kAsync | kCanAct;
  QueueGuard guard(object->queue());
  object->queue()->Push(record);
  return kAgain;
}

// One look at the object by a waiter in its queue. kAgain leaves it there, marked as waiting.
template <typename T>
Status Look(T* object, uint32_t record) {
  const uint32_t me = self::Id();
  WaitRecord* mine = RecordAt(record);
  for (;;) {
    uint32_t woken = kWoken;
    mine->state.compare_exchange_strong(woken, kWaiting);
    if ((mine->flags & kPassedOver) != 0) mine->flags &= ~kPassedOver;
    const Status status = object->Try(me, record);
    if (status != kAgain) return object->Leave(me, record, status);
    if (object->MarkWaiting(me)) return kAgain;
  }
}

template <typename T>
Status GiveUp(T* object, uint32_t record) {
  return object->Leave(self::Id(), record, kTimedOut);
}

// Blocks for at most kPollNs and not beyond the deadline. kAgain: call again, the place in the queue is kept;
// the caller may look for other reasons to stop in between, and must end with a call that doesn't answer
// kAgain or with Abandon.
template <typename T>
Status WaitSlice(T* object, int64_t deadline, bool first) {
  const uint32_t record = SyncRecord();
  if (record == 0) return kNoMemory;
  if (first) Enter(object, record);
  int64_t now = NowNs();
  const int64_t end = now + kPollNs < deadline ? now + kPollNs : deadline;
  for (;;) {
    const Status status = Look(object, record);
    // The record stays in the barrier's queue, and the action may wait for other things.
    if ((status & 0xff) == kAct) ForgetSyncRecord();
    if (status != kAgain) return status;
    now = NowNs();
    if (now >= end) break;
    FutexWait(&RecordAt(record)->state, kWaiting, end - now);
  }
  if (end < deadline) return kAgain;
  return GiveUp(object, record);
}

}  // namespace prong
