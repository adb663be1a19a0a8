#include "core/child/ground.h"

#ifdef __GLIBC__

#include <malloc.h>

#include <cstdint>
#include <cstring>
#include <vector>

// Exported for addons under these names; V8's and Node's headers would tie the addon to one version of them.
extern "C" {
__attribute__((weak)) void* V8CurrentIsolate() __asm__("_ZN2v87Isolate10GetCurrentEv");
__attribute__((weak)) void* V8CurrentContext(void* isolate) __asm__("_ZN2v87Isolate17GetCurrentContextEv");
__attribute__((weak)) void* V8QueueOf(void* context) __asm__("_ZN2v87Context17GetMicrotaskQueueEv");
__attribute__((weak)) void V8NewQueue(void** result, void* isolate, int policy) __asm__(
    "_ZN2v814MicrotaskQueue3NewEPNS_7IsolateENS_16MicrotasksPolicyE");
__attribute__((weak)) void* NodeEnvironment(void* context) __asm__(
    "_ZN4node21GetCurrentEnvironmentEN2v85LocalINS0_7ContextEEE");
__attribute__((weak)) uint64_t
NodeSpin(void* environment) __asm__("_ZN4node13SpinEventLoopEPNS_11EnvironmentE");
}

namespace prong::child {

namespace {

// v8::MicrotaskQueue, as far as it is called: by the places of its functions in the table of virtual ones. (A
// class of ours without an implementation would be taken by the compiler for one that nobody can have.)
class Queue {
 public:
  void Delete() { Call<void (*)(Queue*)>(1)(this); }
  void Enqueue(void* isolate, void (*callback)(void*), void* data) {
    Call<void (*)(Queue*, void*, void (*)(void*), void*)>(3)(this, isolate, callback, data);
  }
  void PerformCheckpoint(void* isolate) { Call<void (*)(Queue*, void*)>(6)(this, isolate); }
  bool IsRunning() { return Call<bool (*)(Queue*)>(7)(this); }

 private:
  template <typename Function>
  Function Call(int place) {
    return reinterpret_cast<Function>((*reinterpret_cast<void***>(this))[place]);
  }
};

constexpr size_t kQueueBytes = 96;
constexpr size_t kNone = SIZE_MAX;
constexpr int kExplicit = 0;

struct Ground {
  bool looked = false;
  std::string why;
  Queue* queue = nullptr;
  size_t queue_size = kNone;          // offset of the count of waiting microtasks
  size_t queue_running = kNone;       // offset of the flag
  size_t queue_suppressions = kNone;  // offset of the count, where there is one
  void* environment = nullptr;
  uint64_t* depth = nullptr;  // of Node's callback scopes
};

Ground& TheGround() {
  static Ground* ground = new Ground;  // the main thread's
  return *ground;
}

uint64_t* WordAt(void* object, size_t offset) {
  return reinterpret_cast<uint64_t*>(static_cast<char*>(object) + offset);
}
uint8_t* ByteAt(void* object, size_t offset) { return static_cast<uint8_t*>(object) + offset; }

struct QueueTrial {
  Queue* queue;
  void* isolate;
  Ground* ground;
  uint8_t before[kQueueBytes];
  bool found = false;
};

// Whether microtasks are run just now.
bool DoRun(const QueueTrial& trial) {
  bool ran = false;
  trial.queue->Enqueue(trial.isolate, [](void* data) { *static_cast<bool*>(data) = true; }, &ran);
  trial.queue->PerformCheckpoint(trial.isolate);
  *WordAt(trial.queue, trial.ground->queue_size) = 0;
  return ran;
}

// Runs as a microtask. The flag is the byte that is 1 now, was 0, and makes the difference; the same goes for
// the count of those who don't want any to be run, which is up by one.
void FindRunningFields(void* data) {
  auto* trial = static_cast<QueueTrial*>(data);
  Ground* ground = trial->ground;
  std::vector<size_t> changed;
  for (size_t i = sizeof(void*); i < kQueueBytes; ++i) {
    if (*ByteAt(trial->queue, i) == 1 && trial->before[i] == 0) changed.push_back(i);
  }
  if (!trial->queue->IsRunning()) return;
  for (const size_t flag : changed) {
    uint8_t* running = ByteAt(trial->queue, flag);
    *running = 0;
    const bool is_it = !trial->queue->IsRunning();
    *running = 1;
    if (!is_it) continue;
    ground->queue_running = flag;
    *running = 0;
    trial->found = DoRun(*trial);
    for (size_t i = 0; i < changed.size() && !trial->found; ++i) {
      if (changed[i] == flag || changed[i] % sizeof(int) != 0) continue;
      uint8_t* suppressions = ByteAt(trial->queue, changed[i]);
      *running = 0;
      *suppressions = 0;
      trial->found = DoRun(*trial);
      *suppressions = 1;
      if (trial->found) ground->queue_suppressions = changed[i];
    }
    *running = 1;
  }
}

void Nothing(void*) {}

// On a queue of our own, which nobody else uses.
bool FindQueueFields(void* isolate, Ground* ground) {
  void* made = nullptr;
  V8NewQueue(&made, isolate, kExplicit);
  auto* queue = static_cast<Queue*>(made);
  if (queue == nullptr || malloc_usable_size(queue) < kQueueBytes || queue->IsRunning()) return false;
  uint64_t counts[4][kQueueBytes / sizeof(uint64_t)];
  for (auto& count : counts) {
    std::memcpy(count, queue, sizeof count);
    queue->Enqueue(isolate, Nothing, nullptr);
  }
  for (size_t i = 1; i < kQueueBytes / sizeof(uint64_t); ++i) {
    if (counts[0][i] == 0 && counts[1][i] == 1 && counts[2][i] == 2 && counts[3][i] == 3) {
      if (ground->queue_size != kNone) return false;
      ground->queue_size = i * sizeof(uint64_t);
    }
  }
  if (ground->queue_size == kNone) return false;
  // Its other counters must not stand at 0.
  queue->PerformCheckpoint(isolate);
  if (*WordAt(queue, ground->queue_size) != 0 || queue->IsRunning()) return false;
  QueueTrial trial{queue, isolate, ground, {}};
  queue->Enqueue(isolate, FindRunningFields, &trial);
  std::memcpy(trial.before, queue, kQueueBytes);
  queue->PerformCheckpoint(isolate);
  if (*WordAt(queue, ground->queue_size) != 0 || queue->IsRunning()) return false;
  queue->Delete();
  return trial.found;
}

// The one word of the environment that counts the scopes up and down.
bool FindScopeDepth(const ScopeProbe& probe, Ground* ground) {
  constexpr int kScopes = 3;
  constexpr uint64_t kDeepest = 1000;
  const size_t words = malloc_usable_size(ground->environment) / sizeof(uint64_t);
  if (words == 0) return false;
  auto* snapshot = new uint64_t[words];
  auto* candidate = new bool[words];
  std::memcpy(snapshot, ground->environment, words * sizeof(uint64_t));
  for (size_t i = 0; i < words; ++i) candidate[i] = snapshot[i] < kDeepest;
  const auto check = [&](uint64_t open) {
    const auto* now = static_cast<const volatile uint64_t*>(ground->environment);
    for (size_t i = 0; i < words; ++i) candidate[i] = candidate[i] && now[i] == snapshot[i] + open;
  };
  for (int i = 1; i <= kScopes; ++i) {
    probe.open(probe.data);
    check(static_cast<uint64_t>(i));
  }
  for (int i = kScopes - 1; i >= 0; --i) {
    probe.close(probe.data);
    check(static_cast<uint64_t>(i));
  }
  size_t found = 0;
  for (size_t i = 0; i < words; ++i) {
    if (!candidate[i]) continue;
    ++found;
    ground->depth = WordAt(ground->environment, i * sizeof(uint64_t));
  }
  delete[] snapshot;
  delete[] candidate;
  return found == 1;
}

void Find(const ScopeProbe& probe, Ground* ground) {
  if (V8CurrentIsolate == nullptr || V8CurrentContext == nullptr || V8QueueOf == nullptr ||
      V8NewQueue == nullptr || NodeEnvironment == nullptr || NodeSpin == nullptr) {
    ground->why = "this Node does not export what it takes";
    return;
  }
  void* isolate = V8CurrentIsolate();
  void* context = V8CurrentContext(isolate);
  ground->queue = static_cast<Queue*>(V8QueueOf(context));
  ground->environment = NodeEnvironment(context);
  if (ground->queue == nullptr || ground->environment == nullptr) {
    ground->why = "Node's environment could not be found";
  } else if (!FindQueueFields(isolate, ground)) {
    ground->why = "V8's queue of microtasks could not be understood";
  } else if (!FindScopeDepth(probe, ground)) {
    ground->why = "Node's depth of callbacks could not be found";
  }
}

void Relist(uv_handle_t* handle, void*) {
  uv_loop_t* loop = handle->loop;
  uv__queue* list = nullptr;
  uv__queue* node = nullptr;
  if (uv_is_closing(handle)) return;
  switch (handle->type) {
    case UV_ASYNC:
      list = &loop->async_handles;
      node = &reinterpret_cast<uv_async_t*>(handle)->queue;
      break;
    case UV_IDLE:
      list = &loop->idle_handles;
      node = &reinterpret_cast<uv_idle_t*>(handle)->queue;
      break;
    case UV_PREPARE:
      list = &loop->prepare_handles;
      node = &reinterpret_cast<uv_prepare_t*>(handle)->queue;
      break;
    case UV_CHECK:
      list = &loop->check_handles;
      node = &reinterpret_cast<uv_check_t*>(handle)->queue;
      break;
    default:
      return;
  }
  if (handle->type != UV_ASYNC && !uv_is_active(handle)) return;
  node->next = list;
  node->prev = list->prev;
  list->prev->next = node;
  list->prev = node;
}

void Clear(uv__queue* list) { list->next = list->prev = list; }

}  // namespace

bool FindGround(const ScopeProbe& probe, std::string* why) {
  Ground& ground = TheGround();
  if (!ground.looked) {
    ground.looked = true;
    Find(probe, &ground);
  }
  *why = ground.why;
  return why->empty();
}

void StandOnGround(uv_loop_t* loop) {
  Ground& ground = TheGround();
  *WordAt(ground.queue, ground.queue_size) = 0;
  *ByteAt(ground.queue, ground.queue_running) = 0;
  if (ground.queue_suppressions != kNone) *ByteAt(ground.queue, ground.queue_suppressions) = 0;
  *ground.depth = 0;
  // libuv moves these lists to its stack while it walks them.
  Clear(&loop->async_handles);
  Clear(&loop->idle_handles);
  Clear(&loop->prepare_handles);
  Clear(&loop->check_handles);
  uv_walk(loop, Relist, nullptr);
  // uv_walk() passes over libuv's own.
  Relist(reinterpret_cast<uv_handle_t*>(&loop->wq_async), nullptr);
  loop->stop_flag = 0;
  uv_update_time(loop);
}

int RunLoop() {
  // v8::Maybe<int>: whether there is one, and the code.
  const uint64_t code = NodeSpin(TheGround().environment);
  return (code & 0xff) != 0 ? static_cast<int>(code >> 32) : 1;
}

}  // namespace prong::child

#else

namespace prong::child {

bool FindGround(const ScopeProbe&, std::string* why) {
  *why = "it needs Linux with glibc";
  return false;
}
void StandOnGround(uv_loop_t*) {}
int RunLoop() { return 1; }

}  // namespace prong::child

#endif
