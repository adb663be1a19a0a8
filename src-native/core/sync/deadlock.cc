#include "core/sync/deadlock.h"

#include "core/sync/object.h"

namespace prong {

namespace {

// The lock that a chain of a thread waits for with a promise.
uint64_t AwaitedBy(uint32_t id, uint32_t chain) {
  const uint32_t mark = arena::GetMarks()->records;
  for (uint32_t number = 1; number < mark; ++number) {
    WaitRecord* record = RecordAt(number);
    if (record->owner != id || record->chain != chain || (record->flags & kAsync) == 0) continue;
    const uint64_t queue = record->queue;
    if (queue != 0) return queue - LockCore::QueueOffset();
  }
  return 0;
}

}  // namespace

LockTrace* TraceOf(uint64_t lock, bool make) {
  LockCore* core = arena::At<LockCore>(lock);
  uint64_t at = *core->trace();
  if (at == 0 && make) {
    uint64_t fresh;
    if (arena::Allocate(sizeof(LockTrace), kMemory, &fresh) != 0) return nullptr;
    if (core->trace()->compare_exchange_strong(at, fresh)) {
      at = fresh;
    } else {
      arena::Free(fresh);
    }
  }
  return at == 0 ? nullptr : arena::At<LockTrace>(at);
}

size_t FindCycle(uint64_t lock, uint32_t chain, CycleStep* steps, size_t room) {
  const uint32_t me = self::Id();
  uint64_t at = lock;
  for (size_t count = 0; count < room;) {
    const uint32_t holder = *arena::At<LockCore>(at)->word() & kIdMask;
    if (holder == 0 || holder == kDestroyedWord || !IsAlive(holder)) return 0;
    const LockTrace* trace = TraceOf(at, false);
    const uint32_t holding_chain = trace == nullptr ? 0 : trace->chain.load();
    steps[count++] = {at, holder};
    // A blocked thread blocks all its chains; a waiting chain only itself.
    if (holder == me && (chain == 0 || chain == holding_chain)) return count;
    uint64_t next = arena::Slots()[holder & kSlotMask].waiting_on;
    if (next == 0 && holding_chain != 0) next = AwaitedBy(holder, holding_chain);
    if (next == 0 || arena::HeaderOf(next)->kind != kLock) return 0;
    at = next;
  }
  return 0;
}

}  // namespace prong
