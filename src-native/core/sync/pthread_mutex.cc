#include "core/sync/pthread_mutex.h"

#include <dlfcn.h>
#include <errno.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <cmath>
#include <cstddef>
#include <vector>

namespace prong::sync {

struct MutexSlot {
  pthread_mutex_t mutex;
  std::atomic<uint32_t> serial;  // odd while there is a mutex
  std::atomic<int> owner;        // a thread's number, 0 for nobody
  std::atomic<int> depth;        // how often the owner has locked it
  bool robust;
  bool inherit;
};

namespace {

constexpr size_t kChunkBytes = 64 * 1024;
constexpr size_t kSlots = kChunkBytes / sizeof(MutexSlot);
constexpr double kLongestMs = 1e12;
constexpr int64_t kNanos = 1000000000;

// Chunks are never given back, so that looking at a destroyed mutex is always safe.
struct Chunk {
  MutexSlot* slots;
  bool shared;
  pid_t maker;
};

struct Registry {
  std::vector<Chunk> chunks;
  std::vector<MutexSlot*> free[2];  // private, shared
};

pthread_mutex_t g_registry_mutex = PTHREAD_MUTEX_INITIALIZER;
thread_local int t_thread = 0;

Registry& TheRegistry() {
  static auto* registry = [] {
    pthread_atfork([] { pthread_mutex_lock(&g_registry_mutex); },
                   [] { pthread_mutex_unlock(&g_registry_mutex); },
                   [] {
                     t_thread = 0;
                     // Free shared slots are the parent's to give out, or both would.
                     TheRegistry().free[1].clear();
                     pthread_mutex_unlock(&g_registry_mutex);
                   });
    return new Registry;
  }();
  return *registry;
}

int Self() {
  if (t_thread == 0) t_thread = static_cast<int>(syscall(SYS_gettid));
  return t_thread;
}

bool AddChunk(Registry& registry, bool shared) {
  void* memory = mmap(nullptr, kChunkBytes, PROT_READ | PROT_WRITE,
                      (shared ? MAP_SHARED : MAP_PRIVATE) | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) return false;
  auto* slots = static_cast<MutexSlot*>(memory);
  registry.chunks.push_back({slots, shared, getpid()});
  for (size_t i = kSlots; i-- > 0;) registry.free[shared ? 1 : 0].push_back(slots + i);
  return true;
}

MutexSlot* Take(bool shared) {
  Registry& registry = TheRegistry();
  pthread_mutex_lock(&g_registry_mutex);
  std::vector<MutexSlot*>& free = registry.free[shared ? 1 : 0];
  MutexSlot* slot = nullptr;
  if (!free.empty() || AddChunk(registry, shared)) {
    slot = free.back();
    free.pop_back();
  }
  pthread_mutex_unlock(&g_registry_mutex);
  return slot;
}

const Chunk* ChunkOf(const Registry& registry, const MutexSlot* slot) {
  const auto at = reinterpret_cast<uintptr_t>(slot);
  for (const Chunk& chunk : registry.chunks) {
    const auto begin = reinterpret_cast<uintptr_t>(chunk.slots);
    if (at >= begin && at < begin + kSlots * sizeof(MutexSlot) && (at - begin) % sizeof(MutexSlot) == 0)
      return &chunk;
  }
  return nullptr;
}

void GiveBack(MutexSlot* slot) {
  Registry& registry = TheRegistry();
  pthread_mutex_lock(&g_registry_mutex);
  const Chunk* chunk = ChunkOf(registry, slot);
  if (!chunk->shared || chunk->maker == getpid()) registry.free[chunk->shared ? 1 : 0].push_back(slot);
  pthread_mutex_unlock(&g_registry_mutex);
}

bool Alive(const MutexRef& ref) { return ref.slot->serial.load(std::memory_order_acquire) == ref.serial; }

int TypeOf(MutexType type) {
  switch (type) {
    case MutexType::kErrorCheck:
      return PTHREAD_MUTEX_ERRORCHECK;
    case MutexType::kRecursive:
      return PTHREAD_MUTEX_RECURSIVE;
    default:
      return PTHREAD_MUTEX_NORMAL;
  }
}

int Init(pthread_mutex_t* mutex, const MutexOptions& options) {
  pthread_mutexattr_t attributes;
  int error = pthread_mutexattr_init(&attributes);
  if (error != 0) return error;
  error = pthread_mutexattr_settype(&attributes, TypeOf(options.type));
  if (error == 0 && options.robust) error = pthread_mutexattr_setrobust(&attributes, PTHREAD_MUTEX_ROBUST);
  if (error == 0 && options.shared) error = pthread_mutexattr_setpshared(&attributes, PTHREAD_PROCESS_SHARED);
  if (error == 0 && options.inherit) error = pthread_mutexattr_setprotocol(&attributes, PTHREAD_PRIO_INHERIT);
  if (error == 0) error = pthread_mutex_init(mutex, &attributes);
  pthread_mutexattr_destroy(&attributes);
  return error;
}

timespec After(clockid_t clock, double ms) {
  timespec at;
  clock_gettime(clock, &at);
  const double whole = std::floor(ms / 1000);
  const int64_t nanos = at.tv_nsec + static_cast<int64_t>((ms - whole * 1000) * 1e6);
  at.tv_sec += static_cast<time_t>(whole) + nanos / kNanos;
  at.tv_nsec = nanos % kNanos;
  return at;
}

using ClockLock = int (*)(pthread_mutex_t*, clockid_t, const timespec*);

// By the clock that nobody sets, where libc (glibc 2.30 on) and the kind of mutex allow.
int TimedLock(MutexSlot* slot, double ms) {
  static const auto clock_lock = reinterpret_cast<ClockLock>(dlsym(RTLD_DEFAULT, "pthread_mutex_clocklock"));
  if (clock_lock != nullptr && !slot->inherit) {
    const timespec until = After(CLOCK_MONOTONIC, ms);
    return clock_lock(&slot->mutex, CLOCK_MONOTONIC, &until);
  }
  const timespec until = After(CLOCK_REALTIME, ms);
  return pthread_mutex_timedlock(&slot->mutex, &until);
}

int Try(MutexSlot* slot) {
  // glibc's trylock leaves a robust mutex locked for good once it is not recoverable.
  const int result = slot->robust ? TimedLock(slot, 0) : pthread_mutex_trylock(&slot->mutex);
  // For some kinds glibc notices first that the owner tries; POSIX has EBUSY for all.
  return result == ETIMEDOUT || result == EDEADLK ? EBUSY : result;
}

void Locked(MutexSlot* slot, int result) {
  if (result == EOWNERDEAD) slot->depth.store(0, std::memory_order_relaxed);
  slot->owner.store(Self(), std::memory_order_relaxed);
  slot->depth.fetch_add(1, std::memory_order_relaxed);
}

int Held(MutexSlot* slot, int result) {
  if (result == 0 || result == EOWNERDEAD) Locked(slot, result);
  return result;
}

}  // namespace

int MutexCreate(const MutexOptions& options, MutexRef* result) {
  MutexSlot* slot = Take(options.shared);
  if (slot == nullptr) return ENOMEM;
  if (const int error = Init(&slot->mutex, options); error != 0) {
    GiveBack(slot);
    return error;
  }
  slot->owner.store(0, std::memory_order_relaxed);
  slot->depth.store(0, std::memory_order_relaxed);
  slot->robust = options.robust;
  slot->inherit = options.inherit;
  *result = {slot, slot->serial.fetch_add(1, std::memory_order_release) + 1};
  return 0;
}

bool MutexExists(const MutexRef& ref) {
  const Registry& registry = TheRegistry();
  pthread_mutex_lock(&g_registry_mutex);
  const bool known = ChunkOf(registry, ref.slot) != nullptr;
  pthread_mutex_unlock(&g_registry_mutex);
  return known && (ref.serial & 1) != 0 && Alive(ref);
}

int MutexLock(const MutexRef& ref, double timeout_ms) {
  if (!Alive(ref)) return kMutexDestroyed;
  MutexSlot* slot = ref.slot;
  if (timeout_ms < 0 || timeout_ms > kLongestMs) return Held(slot, pthread_mutex_lock(&slot->mutex));
  return Held(slot, TimedLock(slot, timeout_ms));
}

int MutexTryLock(const MutexRef& ref) {
  if (!Alive(ref)) return kMutexDestroyed;
  return Held(ref.slot, Try(ref.slot));
}

int MutexUnlock(const MutexRef& ref) {
  if (!Alive(ref)) return kMutexDestroyed;
  MutexSlot* slot = ref.slot;
  // For a normal mutex libc doesn't look, and breaks it.
  if (slot->owner.load(std::memory_order_relaxed) != Self()) return EPERM;
  const int depth = slot->depth.load(std::memory_order_relaxed) - 1;
  slot->depth.store(depth, std::memory_order_relaxed);
  if (depth == 0) slot->owner.store(0, std::memory_order_relaxed);
  return pthread_mutex_unlock(&slot->mutex);
}

int MutexConsistent(const MutexRef& ref) {
  if (!Alive(ref)) return kMutexDestroyed;
  return pthread_mutex_consistent(&ref.slot->mutex);
}

int MutexDestroy(const MutexRef& ref) {
  if (!Alive(ref)) return kMutexDestroyed;
  MutexSlot* slot = ref.slot;
  if (slot->owner.load(std::memory_order_relaxed) == Self()) return EBUSY;
  const int held = Try(slot);
  if (held == EBUSY) return EBUSY;
  if (held == EOWNERDEAD) pthread_mutex_consistent(&slot->mutex);
  if (held == 0 || held == EOWNERDEAD) pthread_mutex_unlock(&slot->mutex);
  if (const int error = pthread_mutex_destroy(&slot->mutex); error != 0) return error;
  slot->serial.fetch_add(1, std::memory_order_release);
  GiveBack(slot);
  return 0;
}

}  // namespace prong::sync
