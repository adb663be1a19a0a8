// Where waiters stand in line: a first-in first-out list of records in the arena, one list an object. A
// waiter sleeps on its own record (a futex), or, when it waits for a promise, is woken through its event
// loop.
//
// The list changes under a robust mutex and by stores that leave the chain from `head` valid at each
// instruction; whoever finds that the last holder died walks it and sets the rest right. Records of dead
// waiters are dropped where they are met. Nobody relies on a wake-up alone: every sleep is bounded by
// kPollNs, so that a wake-up that died with its sender or receiver costs time and nothing else.
#pragma once

#include <atomic>
#include <cstdint>

#include "core/sync/robust_mutex.h"

namespace prong {

#ifndef PRONG_POLL_NS  // the torture makes it long, to see that no wake-up is missing
#define PRONG_POLL_NS 20'000'000
#endif
constexpr int64_t kPollNs = PRONG_POLL_NS;
// A waiter that has waited this long is served before anyone who just comes along.
constexpr int64_t kStarvingNs = 1'000'000;
// And this is how long what is kept for it is kept: an event loop may be busy, while a thread that sleeps
// comes as soon as there is a processor for it.
constexpr int64_t kOfferNs = 20'000'000;
constexpr int64_t kSleeperOfferNs = 50'000'000;

enum WaitState : uint32_t { kWaiting = 0, kWoken = 1, kGranted = 2, kBroken = 3 };
enum WaitFlags : uint32_t {
  kAsync = 1,
  // It was offered something and didn't come for it: others go first until it looks again.
  kPassedOver = 2,
  // A barrier's: this one can run the action; is to run it; is part of the generation that is complete.
  kCanAct = 4,
  kActor = 8,
  kTripped = 16,
};

struct alignas(64) WaitRecord {
  std::atomic<uint32_t> state;
  std::atomic<uint32_t> owner;  // the waiter's identity; 0: free
  std::atomic<uint32_t> next;
  std::atomic<uint32_t> flags;
  std::atomic<uint64_t> queue;  // where it is linked
  std::atomic<int64_t> since;
  std::atomic<int64_t> offered;
  std::atomic<uint32_t> index;  // a barrier's
  std::atomic<uint32_t> chain;
};

WaitRecord* RecordAt(uint32_t number);

// A record of the calling thread's; 0 where there are none left.
uint32_t TakeRecord(uint32_t flags);
void GiveRecord(uint32_t number);

// Unlinks and frees what a thread that leaves has left.
void ReleaseRecordsOf(uint32_t id);

// The record that the calling thread sleeps on in Sync forms: it has one, for it can only sleep once at a
// time.
uint32_t SyncRecord();
// The next SyncRecord is another one; this one has to be given back.
void ForgetSyncRecord();

// Wakes whoever waits on a record. Not under a mutex: it is a system call.
void WakeRecord(uint32_t number);

// Wakes whom Grant has left asleep. A thread that dies before costs them no more than kPollNs.
void WakeLater();

class WaitQueue {
 public:
  void Init() { mutex_.Init(); }

  void Lock() {
    if (mutex_.Lock()) Repair();
  }
  void Unlock() { mutex_.Unlock(); }

  // What follows is called with the queue locked.
  void Push(uint32_t number);
  // False where it isn't linked here (any more).
  bool Unlink(uint32_t number);
  // The first record whose owner is alive; dead ones before it are dropped. 0: none.
  uint32_t First() { return Live(0); }
  uint32_t Next(uint32_t number) { return Live(number); }
  // The first one that something may be kept for.
  uint32_t Candidate();
  // Whether what becomes free is to be kept for the candidate, even from those who happen to be there: it has
  // waited for long (but not before `not_before`), or is a promise of the calling thread, whose next promise
  // would always be there first.
  bool KeepFor(uint32_t candidate, int64_t now, int64_t not_before = 0);
  // Whether a thread, with its place in the queue or 0 without one, may take what is kept for the candidate.
  bool MayEnter(uint32_t me, uint32_t record);
  // Ends the wait of the first `limit` and takes them out; gives how many. Locks the queue by itself.
  // `later`: they are woken by this thread's next WakeLater, which comes when it releases the lock that they
  // need.
  uint32_t Grant(uint32_t limit, WaitState state = kGranted, bool later = false);
  bool Empty() const { return head_.load(std::memory_order_relaxed) == 0; }
  uint32_t CountLive();

 private:
  uint32_t Live(uint32_t after);
  void UnlinkAfter(uint32_t previous, uint32_t number);
  void Repair();

  RobustMutex mutex_;
  std::atomic<uint32_t> head_;
  std::atomic<uint32_t> tail_;
};

class QueueGuard {
 public:
  explicit QueueGuard(WaitQueue* queue) : queue_(queue) { queue_->Lock(); }
  ~QueueGuard() { queue_->Unlock(); }
  QueueGuard(const QueueGuard&) = delete;
  QueueGuard& operator=(const QueueGuard&) = delete;

 private:
  WaitQueue* queue_;
};

}  // namespace prong
