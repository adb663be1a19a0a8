#include "core/fork/random_seeds.h"

#include "core/fork/arch.h"

#if PRONG_FORK_THREADS

#include <algorithm>
#include <cstdio>
#include <cstring>

#include "core/fork/layout.h"
#include "core/fork/memory.h"
#include "core/fork/xorshift.h"

namespace prong::fork {

namespace {

constexpr uint32_t kHashBits = 0xfffff;  // V8 keeps 21 bits, or less
constexpr size_t kLeastProof = 6;        // numbers of 20 bits
constexpr size_t kBlockWords = 32768;
// The generator is among the first that Node allocates.
constexpr size_t kFarthest = 64u << 20;

// Where malloc's main arena lies: the generator was made on the main thread.
Range MainArena() {
  Range heap;
  FILE* maps = std::fopen("/proc/self/maps", "re");
  if (maps == nullptr) return heap;
  char line[512];
  while (std::fgets(line, sizeof(line), maps) != nullptr) {
    unsigned long begin = 0;
    unsigned long end = 0;
    if (std::strstr(line, "[heap]") == nullptr || std::sscanf(line, "%lx-%lx", &begin, &end) != 2) continue;
    heap = {begin, std::min(end, begin + kFarthest)};
    break;
  }
  std::fclose(maps);
  return heap;
}

bool Gave(const XorShift& state, uint32_t hash) {
  return (((state.s0 + state.s1) >> 32 ^ hash) & kHashBits) == 0;
}

bool GaveAll(XorShift state, const std::vector<uint32_t>& hashes) {
  return std::all_of(hashes.rbegin(), hashes.rend(), [&](uint32_t hash) {
    const bool gave = Gave(state, hash);
    state.StepBack();
    return gave;
  });
}

}  // namespace

uint32_t HashOf(uintptr_t object) {
  uint64_t fields[2];  // a map; properties, or the hash where there are none
  if (!IsObject(object) || !ReadMemory(object - kObjectTag, fields, sizeof(fields))) return 0;
  return (fields[1] & 0xffffffff) == 0 ? static_cast<uint32_t>(fields[1] >> 32) : 0;
}

bool SeedState::Find(const std::vector<uint32_t>& hashes) {
  address_ = 0;
  if (hashes.size() < kLeastProof || std::ranges::find(hashes, 0u) != hashes.end()) return false;
  const Range heap = MainArena();
  std::vector<uint64_t> block(kBlockWords + 1);
  for (uintptr_t at = heap.begin; at + 16 <= heap.end; at += kBlockWords * 8) {
    const size_t size = std::min<size_t>(heap.end - at, block.size() * 8);
    if (!ReadMemory(at, block.data(), size)) continue;
    for (size_t i = 0; i + 1 < size / 8; ++i) {
      const XorShift state{block[i], block[i + 1]};
      if (!Gave(state, hashes.back()) || !GaveAll(state, hashes)) continue;
      if (address_ != 0) {
        address_ = 0;  // a copy of it: which one lives?
        return false;
      }
      address_ = at + i * 8;
    }
  }
  return address_ != 0;
}

bool SeedState::Renew(const std::vector<uint32_t>& hashes) const {
  XorShift state;
  if (address_ == 0 || hashes.size() < kLeastProof || !ReadMemory(address_, &state, sizeof(state)))
    return false;
  return GaveAll(state, hashes) && state.Renew() && WriteMemory(address_, &state, sizeof(state));
}

}  // namespace prong::fork

#endif
