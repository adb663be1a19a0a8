#include "core/ipc/word_lock.h"

#include "core/sync/futex.h"

namespace prong {

namespace {
constexpr int kSpins = 60;
// No sleep is longer, so that a holder's death is noticed.
constexpr int64_t kSleepNs = 2'000'000;
}  // namespace

void WordLock::LockSlowly() {
  const uint32_t me = self::Id();
  for (int spin = 0; spin < kSpins; ++spin) {
    uint32_t word = word_.load(std::memory_order_relaxed);
    if (word == 0 && word_.compare_exchange_strong(word, me)) return;
    if ((word & kContended) != 0) break;
    CpuRelax();
  }
  uint32_t slept_on = 0;
  for (;;) {
    uint32_t word = word_;
    if (word == 0) {
      // Whoever has slept doesn't know whether others do.
      if (word_.compare_exchange_strong(word, me | kContended)) return;
      continue;
    }
    if (word == slept_on && !IsAlive(word & kIdMask)) {
      if (word_.compare_exchange_strong(word, me | kContended)) return;
      continue;
    }
    if ((word & kContended) == 0) {
      if (!word_.compare_exchange_strong(word, word | kContended)) continue;
      word |= kContended;
    }
    FutexWait(&word_, word, kSleepNs);
    slept_on = word;
  }
}

void WordLock::WakeOne() { FutexWake(&word_, 1); }

}  // namespace prong
