// Raw pthread mutexes with an address that stays good: what was destroyed is noticed by its serial.
#pragma once

#include <pthread.h>

#include <atomic>
#include <cstdint>

namespace prong::sync {

enum class MutexType { kNormal, kErrorCheck, kRecursive };

struct MutexOptions {
  MutexType type = MutexType::kNormal;
  bool robust = false;
  bool shared = false;   // works across fork()
  bool inherit = false;  // lends the holder the priority of who waits
};

struct MutexSlot;

struct MutexRef {
  MutexSlot* slot = nullptr;
  uint32_t serial = 0;
};

// Not an errno: the mutex has been destroyed.
constexpr int kMutexDestroyed = -1;

// All return 0, an errno of pthread's (positive), or kMutexDestroyed.
int MutexCreate(const MutexOptions& options, MutexRef* result);
// Whether this is a mutex of this process: for handles that come from elsewhere.
bool MutexExists(const MutexRef& ref);
// Milliseconds; negative waits for ever. ETIMEDOUT when time is over, at 0 at once. EOWNERDEAD: the caller
// holds it.
int MutexLock(const MutexRef& ref, double timeout_ms);
// EBUSY where it is held.
int MutexTryLock(const MutexRef& ref);
// EPERM where the calling thread doesn't hold it, whatever its type.
int MutexUnlock(const MutexRef& ref);
int MutexConsistent(const MutexRef& ref);
// EBUSY where it is held.
int MutexDestroy(const MutexRef& ref);

}  // namespace prong::sync
