// A place where a number of parties meet. Who has arrived is who stands in the queue and is alive, so that a
// party that dies or gives up is not counted; the parties' numbers are dealt when the barrier is complete.
#pragma once

#include "core/sync/waitable.h"

namespace prong {

class BarrierCore {
 public:
  void Init(uint32_t parties, bool has_action);
  // kDone comes with the caller's number, kAct with its record's: kDone | number << 8.
  Status Try(uint32_t me, uint32_t record);
  bool MarkWaiting(uint32_t) { return true; }
  Status Leave(uint32_t me, uint32_t record, Status status);
  WaitQueue* queue() { return &queue_; }

  Status WaitFor(int64_t deadline, bool first) { return WaitSlice(this, deadline, first); }
  // The action has been run by the caller, whose place in the queue `record` still is. Its result is its own
  // number.
  Status Acted(uint32_t record, bool well);
  // Breaks the barrier for all who wait, and for good unless `reset`.
  void Break(bool reset);
  void Destroy();

  uint32_t Waiting();
  bool Broken();
  uint32_t Parties() const { return parties_; }

 private:
  bool ActorDied();
  Status Open(uint32_t record);

  std::atomic<uint32_t> broken_;  // 1: broken, 2: destroyed
  std::atomic<uint32_t> parties_;
  std::atomic<uint32_t> has_action_;
  std::atomic<uint32_t> actor_;  // who runs the action; 0: the barrier fills
  WaitQueue queue_;
};

}  // namespace prong
