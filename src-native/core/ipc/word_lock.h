// A short lock in one word, which names its holder: taking a free one is one instruction, and a dead holder's
// is taken over. What it guards must be whole at every instruction, for nobody repairs it.
#pragma once

#include <atomic>
#include <cstdint>

#include "core/sync/thread_slot.h"

namespace prong {

class WordLock {
 public:
  void Lock() {
    uint32_t free = 0;
    if (!word_.compare_exchange_strong(free, self::Id(), std::memory_order_acquire)) LockSlowly();
  }
  void Unlock() {
    const uint32_t word = word_.exchange(0);
    if ((word & kContended) != 0) WakeOne();
  }

 private:
  static constexpr uint32_t kContended = 1u << 30;
  void LockSlowly();
  void WakeOne();

  std::atomic<uint32_t> word_;
};

class WordGuard {
 public:
  explicit WordGuard(WordLock* lock) : lock_(lock) { lock_->Lock(); }
  ~WordGuard() { lock_->Unlock(); }
  WordGuard(const WordGuard&) = delete;
  WordGuard& operator=(const WordGuard&) = delete;

 private:
  WordLock* lock_;
};

}  // namespace prong
