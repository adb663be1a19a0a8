// The memory that all threads and all forked or spawned processes of one program share: a memfd without a
// name, mapped once over a large range of addresses, so that growing it (ftruncate) moves nothing. A fork
// inherits the mapping at the same address; a spawned process attaches by the descriptor. Everything in it
// refers to other things by offset.
//
//   header | thread slots | wait records | heap of blocks, in spans of one size class
//
// The allocator's state changes by single stores, each of which leaves it whole, so that a process killed
// half-way loses at most the block it was about to get.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

#include "core/sync/robust_mutex.h"

namespace prong {

struct ThreadSlot;
struct WaitRecord;

namespace arena {

constexpr uint32_t kMaxThreads = 4096;
constexpr uint32_t kMaxRecords = 65536;
// JavaScript looks at the arena through one buffer for each chunk; no block below this size crosses a chunk's
// end.
constexpr uint64_t kChunk = 1 << 20;

struct BlockHeader {
  std::atomic<uint32_t> kind;    // 0: free
  std::atomic<uint32_t> serial;  // changes whenever the block is given out, so that an old handle is noticed
  uint32_t size_class;
  std::atomic<uint32_t> flags;
};

// Makes the arena, or attaches to the one behind `fd` when that is not -1. Done once a process; 0 or -errno.
int Open(int fd = -1);
bool IsOpen();
int Fd();
char* Base();
uint64_t Id();

template <typename T>
T* At(uint64_t offset) {
  return reinterpret_cast<T*>(Base() + offset);
}

inline BlockHeader* HeaderOf(uint64_t offset) { return At<BlockHeader>(offset - sizeof(BlockHeader)); }

// Gives a zeroed block with 64-byte aligned content, or -errno. `kind` must not be 0.
int Allocate(uint64_t size, uint32_t kind, uint64_t* offset);

// Takes a block back. The caller knows that nobody uses it any more.
void Free(uint64_t offset);

// Whether a block of this kind and serial is there: what a handle from elsewhere is checked with.
bool IsBlock(uint64_t offset, uint32_t kind, uint32_t serial);

// How many content bytes the block at `offset` has.
uint64_t BlockSize(uint64_t offset);

// Bytes of the file, and bytes in blocks that are given out: for tests and statistics.
uint64_t FileSize();
uint64_t InUse();

ThreadSlot* Slots();
WaitRecord* Records();

// The counters next to which slots and records are looked for; the high-water marks bound every scan.
struct Marks {
  std::atomic<uint32_t> slots;
  std::atomic<uint32_t> records;
  std::atomic<uint32_t> next_record;
  std::atomic<uint32_t> next_serial;
  // Counts forks of all processes, before they happen: what exists then is known to more than its maker from
  // there on.
  std::atomic<uint32_t> forks;
};
Marks* GetMarks();

}  // namespace arena
}  // namespace prong
