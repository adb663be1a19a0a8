// The kinds of blocks that hold something to wait for, and the calls that all of them answer.
#pragma once

#include "core/ipc/gate.h"
#include "core/memory/arena.h"
#include "core/sync/barrier.h"
#include "core/sync/condition.h"
#include "core/sync/event.h"
#include "core/sync/lock.h"
#include "core/sync/semaphore.h"

namespace prong {

enum Kind : uint32_t {
  kLock = 1,
  kSemaphore = 2,
  kEvent = 3,
  kCondition = 4,
  kBarrier = 5,
  kMemory = 6,
  kQueue = 7,
  kGate = 8,
  // A queue's messages: many in a segment, a large one in a block.
  kSegmentBlock = 9,
  kMessageBlock = 10,
};

// Calls `use` with the object at `offset` as what it is. kDestroyed where there is none (any more).
template <typename F>
Status Dispatch(uint64_t offset, F use) {
  switch (arena::HeaderOf(offset)->kind) {
    case kLock:
      return use(arena::At<LockCore>(offset));
    case kSemaphore:
      return use(arena::At<SemaphoreCore>(offset));
    case kCondition:
      return use(arena::At<ConditionCore>(offset));
    case kBarrier:
      return use(arena::At<BarrierCore>(offset));
    case kGate:
      return use(arena::At<GateCore>(offset));
    case kEvent:
      return use(arena::At<EventCore>(offset));
    default:
      return kDestroyed;
  }
}

}  // namespace prong
