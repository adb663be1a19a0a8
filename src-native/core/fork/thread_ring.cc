#include "core/fork/thread_ring.h"

#if PRONG_FORK_THREADS

#include <sys/mman.h>
#include <sys/uio.h>
#include <unistd.h>

#include <cstring>

namespace prong::fork {

namespace {

constexpr size_t kStackWords = 16384;  // uv__io_poll() alone has 15 KB of events in its frame
constexpr size_t kFieldWords = 96;
constexpr size_t kRingWords = 8;
constexpr size_t kBlockWords = 32768;
constexpr unsigned long kQueueOffset = 0;
constexpr unsigned long kEntriesOffset = 0x10000000;

// Reads as much as is there, up to `size`.
size_t SafeRead(uintptr_t from, void* to, size_t size) {
  iovec local{to, size};
  iovec remote{reinterpret_cast<void*>(from), size};
  const ssize_t got = process_vm_readv(getpid(), &local, 1, &remote, 1, 0);
  return got < 0 ? 0 : static_cast<size_t>(got);
}

// libuv's struct uv__iou from its member sq on: sq, cqe (in the same mapping), sqe, four lengths, ringfd.
bool Matches(const uintptr_t* words, uintptr_t address, const RingMapping& queue,
             const std::vector<RingMapping>& mappings, ThreadRing* ring) {
  for (const RingMapping& entries : mappings) {
    if (entries.offset != kEntriesOffset || words[2] != entries.range.begin) continue;
    if (!queue.range.Has(words[1])) continue;
    int fd;
    std::memcpy(&fd, &words[7], sizeof(fd));
    if (fd < 0 || words[3] == 0 || words[3] > words[5] || words[4] > words[5]) continue;
    ring->descriptor = reinterpret_cast<int*>(address + 7 * 8);
    ring->queue = queue.range;
    ring->entries = entries.range;
    return true;
  }
  return false;
}

}  // namespace

uv_loop_t* FindLoop(const Parked& thread, int epoll_fd) {
  std::vector<uintptr_t> stack(kStackWords);
  // The stack may end before: what is read of it counts.
  const size_t words = SafeRead(thread.context.rsp & ~uintptr_t{7}, stack.data(), kStackWords * 8) / 8;
  uintptr_t last = 0;
  for (size_t i = 0; i < words; ++i) {
    const uintptr_t candidate = stack[i];
    if (candidate == last || candidate < 4096 || (candidate & 7) != 0 || (candidate >> 47) != 0) continue;
    last = candidate;
    alignas(uv_loop_t) char copy[sizeof(uv_loop_t)];
    if (SafeRead(candidate, copy, sizeof(copy)) != sizeof(copy)) continue;
    const auto* loop = reinterpret_cast<const uv_loop_t*>(copy);
    if (loop->backend_fd != epoll_fd || loop->internal_fields == nullptr) continue;
    const auto* self = reinterpret_cast<uv_loop_t*>(candidate);
    // Its own async handle for the thread pool points back to it.
    if (loop->wq_async.loop != self || loop->wq_async.type != UV_ASYNC) continue;
    return reinterpret_cast<uv_loop_t*>(candidate);
  }
  return nullptr;
}

bool FindRing(const uv_loop_t* loop, const std::vector<RingMapping>& mappings, ThreadRing* ring) {
  const auto begin = reinterpret_cast<uintptr_t>(loop->internal_fields);
  uintptr_t fields[kFieldWords];
  const size_t words = SafeRead(begin, fields, sizeof(fields)) / 8;
  bool has_ring = false;
  for (const RingMapping& queue : mappings) {
    if (queue.offset != kQueueOffset) continue;
    for (size_t i = 0; i + kRingWords <= words; ++i) {
      if (fields[i] != queue.range.begin) continue;
      has_ring = true;
      if (Matches(fields + i, begin + i * 8, queue, mappings, ring)) return true;
    }
  }
  return !has_ring;
}

bool FindOtherRings(const std::vector<Range>& memory, const std::vector<RingMapping>& mappings,
                    const std::vector<Range>& known, std::vector<ThreadRing>* rings) {
  std::vector<RingMapping> wanted;
  for (const RingMapping& queue : mappings) {
    if (queue.offset != kQueueOffset) continue;
    bool is_known = false;
    for (const Range& range : known) is_known = is_known || range.begin == queue.range.begin;
    if (!is_known) wanted.push_back(queue);
  }
  std::vector<uintptr_t> block(kBlockWords + kRingWords);
  for (const Range& range : memory) {
    for (uintptr_t at = range.begin; at < range.end && !wanted.empty(); at += kBlockWords * 8) {
      const size_t size = range.end - at < block.size() * 8 ? range.end - at : block.size() * 8;
      const size_t words = SafeRead(at, block.data(), size) / 8;
      for (size_t i = 0; i + kRingWords <= words; ++i) {
        for (size_t w = 0; w < wanted.size(); ++w) {
          ThreadRing ring;
          if (block[i] != wanted[w].range.begin ||
              !Matches(&block[i], at + i * 8, wanted[w], mappings, &ring)) {
            continue;
          }
          rings->push_back(ring);
          wanted.erase(wanted.begin() + static_cast<ptrdiff_t>(w));
          break;
        }
      }
    }
  }
  return wanted.empty();
}

void DropRing(const ThreadRing& ring) {
  if (ring.descriptor == nullptr || *ring.descriptor < 0) return;  // none, or dropped by an earlier fork
  close(*ring.descriptor);
  *ring.descriptor = -1;
  munmap(reinterpret_cast<void*>(ring.queue.begin), ring.queue.end - ring.queue.begin);
  munmap(reinterpret_cast<void*>(ring.entries.begin), ring.entries.end - ring.entries.begin);
}

}  // namespace prong::fork

#endif
