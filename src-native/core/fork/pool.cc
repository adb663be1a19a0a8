#include "core/fork/pool.h"

#include "core/fork/arch.h"

#if PRONG_FORK_THREADS

#include <pthread.h>

namespace prong::fork {

namespace {

constexpr size_t kUsers = 3;      // of a mutex's words
constexpr uintptr_t kNear = 512;  // libuv's static variables stand side by side

// glibc's pthread_mutex_t, unlocked, with so many threads that wait on a condition variable with it.
bool IsPoolMutex(uintptr_t address, size_t threads) {
  const auto* words = reinterpret_cast<const uint32_t*>(address);  // lock, count, owner, nusers, kind, ...
  if (words[kUsers] != threads) return false;
  for (size_t i = 0; i < sizeof(pthread_mutex_t) / 4; ++i) {
    if (i != kUsers && words[i] != 0) return false;
  }
  return true;
}

// The word before the two that waiters sleep on counts them, in units of 8.
uint32_t* WaitersOf(const Pool& pool) {
  return reinterpret_cast<uint32_t*>((pool.futex & ~uintptr_t{7}) - 4);
}

// The pool's mutex; nullptr where not one and only one looks like it.
uint32_t* FindMutex(const Pool& pool) {
  uint32_t* found = nullptr;
  const uintptr_t near = pool.futex & ~uintptr_t{7};
  for (uintptr_t at = near - kNear; at < near + kNear; at += 8) {
    if (!IsPoolMutex(at, pool.threads)) continue;
    if (found != nullptr) return nullptr;
    found = reinterpret_cast<uint32_t*>(at);
  }
  return found;
}

}  // namespace

bool IsPoolUnderstood(const Pool& pool) {
  return pool.threads == 0 || (*WaitersOf(pool) >> 3 == pool.threads && FindMutex(pool) != nullptr);
}

void ReleasePool(const Pool& pool) {
  if (pool.threads == 0) return;
  FindMutex(pool)[kUsers] = 0;
  *WaitersOf(pool) &= 7;
}

}  // namespace prong::fork

#endif
