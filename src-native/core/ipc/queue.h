// A queue of messages in the arena, for any number of writers and readers: two locks, one for each end, on a
// list of segments in which messages lie one behind the other.
//
// Each change becomes real by one store: a segment's `written` (how far, and how many messages ever) when
// something is put, its `read` when something is taken, `next` when a segment is added. A process killed
// before that store has changed nothing, one killed after it has done all that matters. So a dead holder's
// lock is just taken over.
#pragma once

#include "core/ipc/gate.h"
#include "core/ipc/word_lock.h"
#include "core/memory/arena.h"

namespace prong {

// Statuses beside those of waitable.h.
constexpr Status kShutDown = static_cast<Status>(11);

// Messages up to here lie in the segments, larger ones in blocks of their own.
constexpr uint32_t kInlineMost = 16 << 10;
constexpr uint32_t kBigFlag = 0x8000;

struct BigRef {
  uint64_t block;
  uint64_t size;
};

// What stands before each message.
struct MessageHead {
  uint32_t size;
  uint32_t tag;
};

struct Segment {
  std::atomic<uint64_t> next;
  std::atomic<uint32_t> room;
  uint32_t pad0[9];
  std::atomic<uint64_t> written;  // a Mark, the writers'
  uint64_t pad1[7];
  std::atomic<uint64_t> read;  // a Mark, the readers'
  uint64_t pad2[7];
  char* data() { return reinterpret_cast<char*>(this) + sizeof(Segment); }
};

class QueueCore {
 public:
  // Gives the offset of a new queue, or -errno. `maxsize` 0: no limit.
  static int Create(uint64_t maxsize, uint64_t* offset);
  // Gives all its memory back. Nobody uses it any more.
  static void Dispose(uint64_t offset);

  // kDone, kAgain (full), kShutDown or kNoMemory. `bytes` is copied; not more than kInlineMost.
  Status Put(uint32_t tag, const void* bytes, uint32_t size);
  // kDone, kAgain (empty) or kShutDown. Copies the message to `into`, which has room for kInlineMost.
  Status Get(MessageHead* head, char* into);

  // A block for a message of so many bytes, to be put as a BigRef; 0 where there is none.
  uint64_t TakeBig(uint64_t bytes);
  // Gives the block of a message that has been read back, or of one that was not put.
  void GiveBig(uint64_t block);
  // Gives back what was kept to be used again.
  void Trim();

  bool HasItems();
  bool HasRoom();
  uint64_t Size();
  uint64_t Unfinished();
  uint64_t MaxSize() const { return maxsize_; }
  // kTooMany where there is none.
  Status TaskDone();
  void ShutDown(bool immediate);
  bool IsShutDown() const { return shut_down_ != 0; }

  // Without a lock, and not to be relied on: whether looking is worth it.
  bool SeemsEmpty() const {
    return puts_.load(std::memory_order_relaxed) == gets_.load(std::memory_order_relaxed) && shut_down_ == 0;
  }

  GateCore* gate(GateSide side) { return arena::At<GateCore>(gate_at(side)); }
  uint64_t gate_at(GateSide side) const { return gates_[static_cast<uint32_t>(side)]; }

 private:
  Status TryPut(uint32_t tag, const void* bytes, uint32_t size);
  Segment* Tail();
  bool Full(uint64_t puts);
  uint64_t TakeSegment();
  void GiveSegment(uint64_t segment);
  Segment* Readable();
  Status Take(MessageHead* head, char* into);

  // The block's content begins 16 bytes into a cache line: 48 bytes make it full.
  std::atomic<uint64_t> maxsize_;
  std::atomic<uint32_t> shut_down_;
  std::atomic<uint32_t> unused_;
  std::atomic<uint64_t> gates_[3];
  uint64_t pad0_;

  // The writers' line.
  WordLock tail_lock_;
  std::atomic<uint64_t> tail_;
  std::atomic<uint64_t> puts_;
  std::atomic<uint64_t> known_gets_;
  uint64_t pad1_[4];

  // The readers' line.
  WordLock head_lock_;
  std::atomic<uint64_t> head_;
  std::atomic<uint64_t> gets_;
  std::atomic<uint64_t> known_written_;
  uint64_t pad2_[4];

  std::atomic<uint64_t> done_;
  // Memory to be used again.
  static constexpr int kSpares = 8;
  std::atomic<uint64_t> spares_[kSpares];
  static constexpr int kBigs = 8;
  std::atomic<uint64_t> bigs_[kBigs];
};

}  // namespace prong
