#include "core/ipc/queue.h"

#include <errno.h>
#include <sys/mman.h>

#include <cstring>

#include "core/sync/object.h"

namespace prong {

namespace {

constexpr uint64_t kFirstSegment = (4 << 10) - sizeof(arena::BlockHeader);
constexpr uint64_t kSegment = (256 << 10) - sizeof(arena::BlockHeader);
constexpr uint64_t kSmallestBig = (64 << 10) - sizeof(arena::BlockHeader);
// Blocks of large messages that are kept for the next ones, in bytes.
constexpr uint64_t kMostKept = 16 << 20;

// How far a segment has been written or read, in units of 8 bytes, and the number of messages put or taken
// since the queue was made, which may wrap around.
constexpr int kMarkBits = 48;
constexpr uint64_t kMarkCount = (uint64_t{1} << kMarkBits) - 1;
constexpr uint64_t Mark(uint64_t bytes, uint64_t count) {
  return bytes / 8 << kMarkBits | (count & kMarkCount);
}
constexpr uint64_t BytesOf(uint64_t mark) { return (mark >> kMarkBits) * 8; }
constexpr uint64_t CountOf(uint64_t mark) { return mark & kMarkCount; }
constexpr uint64_t Between(uint64_t from, uint64_t to) { return (to - from) & kMarkCount; }

constexpr uint64_t Footprint(uint32_t size) { return sizeof(MessageHead) + (uint64_t{size} + 7) / 8 * 8; }

void Write(Segment* segment, uint64_t at, uint32_t tag, const void* bytes, uint32_t size) {
  char* to = segment->data() + at;
  const MessageHead head{size, tag};
  std::memcpy(to, &head, sizeof head);
  std::memcpy(to + sizeof head, bytes, size);
}

// A block whose first `used` bytes have their pages: faulting them in one by one costs more than copying a
// message does.
uint64_t Fresh(uint64_t size, uint32_t kind, uint64_t used) {
#ifndef MADV_POPULATE_WRITE
  constexpr int MADV_POPULATE_WRITE = 23;
#endif
  constexpr uint64_t kPage = 4096;
  uint64_t block = 0;
  if (arena::Allocate(size, kind, &block) != 0) return 0;
  char* start = arena::At<char>(block / kPage * kPage);
  // Kernels before 5.14 don't know it: then they are faulted in after all.
  madvise(start, static_cast<size_t>(arena::At<char>(block + used) - start), MADV_POPULATE_WRITE);
  return block;
}

void Prepare(Segment* segment, uint64_t bytes, uint64_t count) {
  segment->next = 0;
  segment->room = static_cast<uint32_t>(bytes - sizeof(Segment));
  segment->read = Mark(0, count);
  segment->written = Mark(0, count);
}

}  // namespace

int QueueCore::Create(uint64_t maxsize, uint64_t* offset) {
  uint64_t at = 0;
  uint64_t first = 0;
  int err = arena::Allocate(sizeof(QueueCore), kQueue, &at);
  if (err != 0) return err;
  QueueCore* queue = arena::At<QueueCore>(at);
  for (uint32_t side = 0; side < 3 && err == 0; ++side) {
    uint64_t gate = 0;
    err = arena::Allocate(sizeof(GateCore), kGate, &gate);
    if (err != 0) break;
    arena::At<GateCore>(gate)->Init(at, static_cast<GateSide>(side));
    queue->gates_[side] = gate;
  }
  if (err == 0) err = arena::Allocate(kFirstSegment, kSegmentBlock, &first);
  if (err != 0) {
    Dispose(at);
    return err;
  }
  Prepare(arena::At<Segment>(first), kFirstSegment, 0);
  queue->maxsize_ = maxsize;
  queue->head_ = first;
  queue->tail_ = first;
  *offset = at;
  return 0;
}

void QueueCore::Dispose(uint64_t offset) {
  QueueCore* queue = arena::At<QueueCore>(offset);
  if (queue->head_ != 0) {
    queue->ShutDown(true);
    queue->Trim();
    uint64_t at = queue->head_;
    while (at != 0) {
      const uint64_t next = arena::At<Segment>(at)->next;
      arena::Free(at);
      at = next;
    }
  }
  for (const auto& gate : queue->gates_) {
    if (gate != 0) arena::Free(gate);
  }
  arena::Free(offset);
}

// The last segment; with the tail locked. A writer that died may have added one and not said so.
Segment* QueueCore::Tail() {
  Segment* segment = arena::At<Segment>(tail_);
  while (const uint64_t next = segment->next) {
    tail_ = next;
    segment = arena::At<Segment>(next);
  }
  return segment;
}

// With the tail locked.
bool QueueCore::Full(uint64_t puts) {
  const uint64_t most = maxsize_;
  if (most == 0 || Between(known_gets_, puts) < most) return false;
  known_gets_ = gets_.load();
  return Between(known_gets_, puts) >= most;
}

uint64_t QueueCore::TakeSegment() {
  for (auto& slot : spares_) {
    const uint64_t spare = slot.load(std::memory_order_relaxed) == 0 ? 0 : slot.exchange(0);
    if (spare != 0) return spare;
  }
  return Fresh(kSegment, kSegmentBlock, kSegment);
}

void QueueCore::GiveSegment(uint64_t segment) {
  if (arena::BlockSize(segment) == kSegment) {
    for (auto& slot : spares_) {
      uint64_t none = 0;
      if (slot.load(std::memory_order_relaxed) == 0 && slot.compare_exchange_strong(none, segment)) return;
    }
  }
  arena::Free(segment);
}

Status QueueCore::Put(uint32_t tag, const void* bytes, uint32_t size) {
  if (self::Id() == 0) return kNoMemory;
  Status status;
  do {
    status = TryPut(tag, bytes, size);
    // A reader that died may not have said what it took: HasRoom looks for itself.
  } while (status == kAgain && HasRoom());
  if (status == kDone) gate(GateSide::kItems)->Open(1);
  return status;
}

Status QueueCore::TryPut(uint32_t tag, const void* bytes, uint32_t size) {
  WordGuard guard(&tail_lock_);
  if (shut_down_ != 0) return kShutDown;
  Segment* segment = Tail();
  const uint64_t mark = segment->written.load(std::memory_order_relaxed);
  const uint64_t count = CountOf(mark);
  if (Full(count)) return kAgain;
  const uint64_t at = BytesOf(mark);
  const uint64_t end = at + Footprint(size);
  if (end <= segment->room) {
    Write(segment, at, tag, bytes, size);
    segment->written.store(Mark(end, count + 1), std::memory_order_release);
  } else {
    const uint64_t fresh = TakeSegment();
    if (fresh == 0) return kNoMemory;
    Segment* next = arena::At<Segment>(fresh);
    Prepare(next, kSegment, count);
    Write(next, 0, tag, bytes, size);
    next->written.store(Mark(Footprint(size), count + 1), std::memory_order_relaxed);
    segment->next.store(fresh, std::memory_order_release);
    tail_ = fresh;
  }
  puts_.store((count + 1) & kMarkCount, std::memory_order_relaxed);
  return kDone;
}

// The segment with the next message, or nullptr; with the head locked. Gives back those that have been read.
Segment* QueueCore::Readable() {
  for (;;) {
    const uint64_t at = head_;
    Segment* segment = arena::At<Segment>(at);
    const uint64_t read = BytesOf(segment->read.load(std::memory_order_relaxed));
    // What was seen last time spares a look at the line that the writers write.
    if (BytesOf(known_written_.load(std::memory_order_relaxed)) > read) return segment;
    known_written_.store(segment->written.load(std::memory_order_acquire), std::memory_order_relaxed);
    if (BytesOf(known_written_) > read) return segment;
    const uint64_t next = segment->next.load(std::memory_order_acquire);
    if (next == 0) return nullptr;
    // From `next` on, `written` is final, but may have moved since it was looked at.
    if (BytesOf(segment->written.load(std::memory_order_acquire)) > read) continue;
    if (tail_ == at) {
      // Its writer is about to say so, or died before.
      WordGuard guard(&tail_lock_);
      Tail();
    }
    known_written_ = 0;
    head_ = next;
    GiveSegment(at);
  }
}

// With the head locked.
Status QueueCore::Take(MessageHead* head, char* into) {
  Segment* segment = Readable();
  if (segment == nullptr) return kAgain;
  const uint64_t mark = segment->read.load(std::memory_order_relaxed);
  const char* from = segment->data() + BytesOf(mark);
  std::memcpy(head, from, sizeof *head);
  std::memcpy(into, from + sizeof *head, head->size);
  const uint64_t count = CountOf(mark) + 1;
  segment->read.store(Mark(BytesOf(mark) + Footprint(head->size), count), std::memory_order_release);
  gets_.store(count & kMarkCount, std::memory_order_release);
  return kDone;
}

Status QueueCore::Get(MessageHead* head, char* into) {
  if (self::Id() == 0) return kNoMemory;
  {
    WordGuard guard(&head_lock_);
    const uint32_t shut_down = shut_down_;
    const Status status = Take(head, into);
    if (status != kDone) return shut_down != 0 ? kShutDown : status;
  }
  if (maxsize_.load(std::memory_order_relaxed) != 0) gate(GateSide::kRoom)->Open(1);
  return kDone;
}

uint64_t QueueCore::TakeBig(uint64_t bytes) {
  // The arena gives the memory of large blocks back when they are freed, and only theirs. What a message
  // doesn't fill is never touched.
  const uint64_t size = bytes < kSmallestBig ? kSmallestBig : bytes;
  for (auto& slot : bigs_) {
    uint64_t block = slot.load(std::memory_order_relaxed);
    if (block == 0 || arena::BlockSize(block) < size || arena::BlockSize(block) / 4 > size) continue;
    if (slot.compare_exchange_strong(block, 0)) return block;
  }
  return Fresh(size, kMessageBlock, bytes);
}

void QueueCore::GiveBig(uint64_t block) {
  const uint64_t places = kMostKept / arena::BlockSize(block);
  for (uint64_t n = 0; n < places && n < kBigs; ++n) {
    auto& slot = bigs_[n];
    uint64_t none = 0;
    if (slot.load(std::memory_order_relaxed) == 0 && slot.compare_exchange_strong(none, block)) return;
  }
  arena::Free(block);
}

void QueueCore::Trim() {
  for (auto& slot : spares_) {
    if (const uint64_t spare = slot == 0 ? 0 : slot.exchange(0)) arena::Free(spare);
  }
  for (auto& slot : bigs_) {
    if (const uint64_t block = slot == 0 ? 0 : slot.exchange(0)) arena::Free(block);
  }
}

bool QueueCore::HasItems() {
  if (shut_down_ != 0) return true;
  WordGuard guard(&head_lock_);
  return Readable() != nullptr;
}

bool QueueCore::HasRoom() {
  if (shut_down_ != 0 || maxsize_ == 0) return true;
  return Size() < maxsize_;
}

uint64_t QueueCore::Size() {
  uint64_t gets;
  {
    WordGuard guard(&head_lock_);
    gets = CountOf(arena::At<Segment>(head_)->read);
    // A reader that died may not have said what it took.
    gets_ = gets;
  }
  WordGuard guard(&tail_lock_);
  const uint64_t puts = CountOf(Tail()->written);
  const uint64_t size = Between(gets, puts);
  return size;
}

uint64_t QueueCore::Unfinished() {
  WordGuard guard(&tail_lock_);
  return Between(done_, CountOf(Tail()->written));
}

Status QueueCore::TaskDone() {
  bool all;
  {
    WordGuard guard(&tail_lock_);
    const uint64_t puts = CountOf(Tail()->written);
    if (Between(done_, puts) == 0) return kTooMany;
    done_ = (done_ + 1) & kMarkCount;
    all = done_ == puts;
  }
  if (all) gate(GateSide::kTasks)->Open(UINT32_MAX);
  return kDone;
}

void QueueCore::ShutDown(bool immediate) {
  {
    // No put that is under way ends after this.
    WordGuard guard(&tail_lock_);
    shut_down_ = 1;
  }
  if (immediate) {
    uint64_t drained = 0;
    {
      WordGuard guard(&head_lock_);
      MessageHead head;
      char bytes[kInlineMost];
      while (Take(&head, bytes) == kDone) {
        ++drained;
        if ((head.tag & kBigFlag) == 0) continue;
        BigRef big;
        std::memcpy(&big, bytes, sizeof big);
        arena::Free(big.block);
      }
    }
    WordGuard guard(&tail_lock_);
    const uint64_t unfinished = Between(done_, CountOf(Tail()->written));
    done_ = (done_ + (drained < unfinished ? drained : unfinished)) & kMarkCount;
  }
  for (const auto& at : gates_) arena::At<GateCore>(at)->Open(UINT32_MAX);
}

}  // namespace prong
