// Four processes with two threads each take, wait for, notify and give up at random, and are killed with SIGKILL at random;
// what must always hold is checked all the time. Built and run by scripts/test-native.js, also under ThreadSanitizer.
//
//   torture [rounds] [seed]
//
// Built with a long PRONG_POLL_NS it kills nobody, and a sleep that is ended by nothing but that time is a wake-up that
// was lost.
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/sync/object.h"

using namespace prong;

namespace {

constexpr int kProcesses = 4;
constexpr int kThreads = 2;
constexpr int kOps = 24;
constexpr uint32_t kPlaces = 2;
constexpr int64_t kMs = 1'000'000;
// Nobody holds anything for longer than a moment: whoever waits this long has been forgotten.
constexpr int64_t kForgotten = 20'000 * kMs;
constexpr bool kPatient = kPollNs > 1'000 * kMs;

struct Shared {
  std::atomic<uint32_t> inside;
  std::atomic<uint32_t> items;
  std::atomic<uint32_t> failures;
  std::atomic<uint64_t> died;
  std::atomic<uint64_t> taken;
  std::atomic<uint64_t> slept;
};

uint64_t lock_at, semaphore_at, event_at, condition_at, barrier_at, shared_at;
LockCore* TheLock() { return arena::At<LockCore>(lock_at); }
SemaphoreCore* TheSemaphore() { return arena::At<SemaphoreCore>(semaphore_at); }
EventCore* TheEvent() { return arena::At<EventCore>(event_at); }
ConditionCore* TheCondition() { return arena::At<ConditionCore>(condition_at); }
BarrierCore* TheBarrier() { return arena::At<BarrierCore>(barrier_at); }
Shared* TheShared() { return arena::At<Shared>(shared_at); }

void Fail(const char* what) {
  ++TheShared()->failures;
  fprintf(stderr, "FAILED: %s\n", what);
}

struct Random {
  uint64_t state;
  uint32_t operator()(uint32_t below) {
    state = state * 6364136223846793005 + 1442695040888963407;
    return static_cast<uint32_t>(state >> 33) % below;
  }
};

// A sleep has been ended by nothing but its time: says for what it was, and how that looks.
template <typename T>
void Slept(T* object) {
  ++TheShared()->slept;
  if (!kPatient) return;
  const uint64_t at = static_cast<uint64_t>(reinterpret_cast<char*>(object) - arena::Base());
  QueueGuard guard(object->queue());
  fprintf(stderr, "%u slept for kind %u, word %x, in the queue:", self::Id() & kSlotMask, arena::HeaderOf(at)->kind.load(),
          arena::At<std::atomic<uint32_t>>(at)->load());
  for (uint32_t record = object->queue()->First(); record != 0; record = object->queue()->Next(record)) {
    fprintf(stderr, " %u (state %u, flags %u)", RecordAt(record)->owner.load() & kSlotMask, RecordAt(record)->state.load(), RecordAt(record)->flags.load());
  }
  fprintf(stderr, "\n");
}

template <typename T>
Status WaitAll(T* object, int64_t limit) {
  const int64_t deadline = NowNs() + limit;
  Status status = object->WaitFor(deadline, true);
  while (status == kAgain) {
    Slept(object);
    status = object->WaitFor(deadline, false);
  }
  return status;
}

// As a promise waits: in the queue, woken through a descriptor.
template <typename T>
Status WaitByLoop(T* object, int64_t limit) {
  const int64_t deadline = NowNs() + limit;
  const uint32_t record = TakeRecord(kAsync);
  Enter(object, record);
  Status status;
  while ((status = Look(object, record)) == kAgain) {
    if (NowNs() >= deadline) {
      status = GiveUp(object, record);
      break;
    }
    pollfd fd{KickFd(), POLLIN, 0};
    const int64_t until = deadline - NowNs();
    const int64_t left = until > 0 ? until : 0;
    if (poll(&fd, 1, static_cast<int>((left < kPollNs ? left : kPollNs) / kMs) + 1) == 0 && left > kPollNs) {
      Slept(object);
    }
    DrainKicks();
  }
  GiveRecord(record);
  return status;
}

void Inside(Random& random) {
  Shared* shared = TheShared();
  const uint32_t me = self::Id();
  const bool died = (*TheLock()->word() & kDiedMark) != 0;
  if (died) {
    ++shared->died;
    if (IsAlive(shared->inside) && shared->inside != 0) Fail("the lock was taken from somebody alive");
  } else if (shared->inside != 0) {
    Fail("two are inside");
  }
  shared->inside = me;
  for (uint32_t n = random(50); n > 0; --n) CpuRelax();
  if (random(20) == 0) sched_yield();
  if (shared->inside != me) Fail("somebody else came in");
  ++shared->taken;
}

void Outside() {
  TheShared()->inside = 0;
  if (TheLock()->Release(random() % 2 == 0) != kDone) Fail("release");
}

void WaitForNotification(Random& random, bool by_loop) {
  const uint32_t record = by_loop ? TakeRecord(kAsync) : SyncRecord();
  Enter(TheCondition(), record);
  Outside();
  const int64_t deadline = NowNs() + random(3) * kMs;
  Status status;
  while ((status = Look(TheCondition(), record)) == kAgain) {
    if (NowNs() >= deadline) {
      status = GiveUp(TheCondition(), record);
      break;
    }
    if (by_loop) {
      pollfd fd{KickFd(), POLLIN, 0};
      poll(&fd, 1, 1);
      DrainKicks();
    } else {
      FutexWait(&RecordAt(record)->state, kWaiting, kMs);
    }
  }
  if (status != kDone && status != kTimedOut) Fail("a condition's status");
  if (by_loop) GiveRecord(record);
  if (WaitAll(TheLock(), kForgotten) != kDone) return Fail("the lock is not given back after a wait");
  Inside(random);
}

void Work(Random random) {
  for (int op = 0; op < kOps; ++op) {
    const bool by_loop = random(3) == 0;
    switch (random(8)) {
      case 0:
      case 1: {
        const Status status = by_loop ? WaitByLoop(TheLock(), kForgotten) : WaitAll(TheLock(), kForgotten);
        if (status != kDone) {
          Fail("nobody gets the lock any more");
          break;
        }
        Inside(random);
        Outside();
        break;
      }
      case 2: {
        const int64_t limit = random(2) * kMs / 4;
        if ((by_loop ? WaitByLoop(TheLock(), limit) : WaitAll(TheLock(), limit)) != kDone) break;
        Inside(random);
        Outside();
        break;
      }
      case 3: {
        const Status status = by_loop ? WaitByLoop(TheSemaphore(), kMs) : WaitAll(TheSemaphore(), kMs);
        if (status != kDone) break;
        if (random(4) == 0) sched_yield();
        if (TheSemaphore()->Release(1) != kDone) Fail("the semaphore has a place too many");
        break;
      }
      case 4:
        if (random(2) == 0) TheEvent()->Set();
        if (random(2) == 0) TheEvent()->Clear();
        if (by_loop) {
          WaitByLoop(TheEvent(), kMs / 2);
        } else {
          WaitAll(TheEvent(), kMs / 2);
        }
        break;
      case 5:
      case 6:
        if (WaitAll(TheLock(), kForgotten) != kDone) {
          Fail("nobody gets the condition's lock any more");
          break;
        }
        Inside(random);
        if (random(2) == 0) {
          WaitForNotification(random, by_loop);
        } else {
          TheCondition()->Notify(random(3) == 0 ? UINT32_MAX : 1);
        }
        Outside();
        break;
      default: {
        const Status status = by_loop ? WaitByLoop(TheBarrier(), kMs) : WaitAll(TheBarrier(), kMs);
        if (status == kBrokenBarrier) {
          TheBarrier()->Break(true);
        } else if ((status & 0xff) != kDone || static_cast<uint32_t>(status) >> 8 >= 2) {
          Fail("a barrier's number");
        }
      }
    }
  }
}

void* ThreadMain(void* seed) {
  KickFd();
  Work(Random{reinterpret_cast<uint64_t>(seed)});
  self::Leave();
  return nullptr;
}

void ProcessMain(uint64_t seed) {
  self::Id();
  KickFd();
  pthread_t threads[kThreads - 1];
  for (int n = 1; n < kThreads; ++n) {
    pthread_create(&threads[n - 1], nullptr, ThreadMain, reinterpret_cast<void*>(seed + static_cast<uint64_t>(n)));
  }
  Work(Random{seed});
  for (pthread_t thread : threads) pthread_join(thread, nullptr);
  self::Leave();
  _exit(0);
}

template <typename T, typename... Numbers>
uint64_t Make(uint32_t kind, Numbers... numbers) {
  uint64_t offset = 0;
  if (arena::Allocate(sizeof(T), kind, &offset) != 0) abort();
  arena::At<T>(offset)->Init(numbers...);
  return offset;
}

bool Round(int round, Random& random) {
  const bool kills = !kPatient && round % 4 != 0;
  pid_t pids[kProcesses];
  for (pid_t& pid : pids) {
    const uint64_t seed = (static_cast<uint64_t>(random(1u << 31)) << 20) + static_cast<uint64_t>(round);
    pid = fork();
    if (pid == 0) ProcessMain(seed);
    if (pid < 0) abort();
  }
  if (kills) {
    usleep(random(4000));
    const uint32_t victims = 1 + random(kProcesses - 1);
    for (uint32_t n = 0; n < victims; ++n) kill(pids[n], SIGKILL);
  }
  bool well = true;
  for (const pid_t pid : pids) {
    int status;
    while (waitpid(pid, &status, 0) < 0) {
    }
    if (!(WIFEXITED(status) && WEXITSTATUS(status) == 0) && !(kills && WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL)) {
      fprintf(stderr, "a process ended with status %x\n", static_cast<unsigned>(status));
      well = false;
    }
  }

  if (WaitAll(TheLock(), kForgotten) != kDone) Fail("after a round nobody gets the lock");
  TheShared()->inside = 0;
  TheLock()->Release(true);
  for (WaitQueue* queue : {TheLock()->queue(), TheSemaphore()->queue(), TheEvent()->queue(), TheCondition()->queue(), TheBarrier()->queue()}) {
    QueueGuard guard(queue);
    if (queue->CountLive() != 0) Fail("somebody is left in a queue");
  }
  uint32_t places = 0;
  while (TheSemaphore()->Try(self::Id(), 0) == kDone) ++places;
  if (places > kPlaces || (!kills && places != kPlaces)) Fail("the semaphore's places");
  // What the killed had taken is gone, as with every semaphore; the next round begins with all of it.
  if (TheSemaphore()->Release(kPlaces) != kDone) Fail("the semaphore's limit");
  TheBarrier()->Break(true);
  return well && TheShared()->failures == 0;
}

}  // namespace

int main(int argc, char** argv) {
  const int rounds = argc > 1 ? atoi(argv[1]) : 10'000;
  Random random{argc > 2 ? strtoull(argv[2], nullptr, 10) : 1};
  if (arena::Open() != 0 || self::Id() == 0) return 2;
  lock_at = Make<LockCore>(kLock, 0u);
  semaphore_at = Make<SemaphoreCore>(kSemaphore, kPlaces, kPlaces);
  event_at = Make<EventCore>(kEvent);
  condition_at = Make<ConditionCore>(kCondition);
  barrier_at = Make<BarrierCore>(kBarrier, 2u, false);
  if (arena::Allocate(sizeof(Shared), kMemory, &shared_at) != 0) return 2;
  for (int round = 0; round < rounds; ++round) {
    if (!Round(round, random)) {
      fprintf(stderr, "round %d failed\n", round);
      return 1;
    }
  }
  Shared* shared = TheShared();
  if (kPatient && shared->slept != 0) {
    fprintf(stderr, "%llu waits were woken by nobody\n", static_cast<unsigned long long>(shared->slept));
    return 1;
  }
  printf("%d rounds, %llu times inside, %llu holders died, %llu sleeps nobody ended, %llu KB, %u slots, %u records\n", rounds,
         static_cast<unsigned long long>(shared->taken), static_cast<unsigned long long>(shared->died),
         static_cast<unsigned long long>(shared->slept), static_cast<unsigned long long>(arena::FileSize() >> 10),
         arena::GetMarks()->slots.load(), arena::GetMarks()->records.load());
  return 0;
}
