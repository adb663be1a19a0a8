#include "core/fork/fork.h"

#include "core/fork/arch.h"

#if PRONG_FORK_THREADS

#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <signal.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <cstring>
#include <unordered_map>
#include <vector>

#include "core/fork/atfork.h"
#include "core/fork/census.h"
#include "core/fork/files.h"
#include "core/fork/layout.h"
#include "core/fork/limits.h"
#include "core/fork/main_loop.h"
#include "core/fork/pages.h"
#include "core/fork/park.h"
#include "core/fork/pool.h"
#include "core/fork/proc.h"
#include "core/fork/revive.h"
#include "core/fork/terminal.h"
#include "core/fork/thread_loop.h"
#include "core/fork/thread_ring.h"
#include "core/fork/writes.h"

namespace prong::fork {

namespace {

constexpr int64_t kMs = 1'000'000;
constexpr int64_t kQuietLimit = 10'000 * kMs;   // for threads that are at work
constexpr int64_t kBlockedLimit = 3'000 * kMs;  // for threads that only sleep in the kernel
constexpr int64_t kCollectionLimit = 30 * kMs;  // for V8's own threads, which may be copied at work
constexpr int64_t kEndingLimit = 200 * kMs;     // for Workers: their last event may come before their end
constexpr int64_t kPoolLimit = 1'000 * kMs;     // for a pool that looks like no pool: it may be in the making
constexpr int64_t kShortestPause = 20'000;
constexpr int64_t kLongestPause = 2 * kMs;
constexpr int kReservedFds = 3;
constexpr int kPoolThreads = 4;

int64_t NowNs() {
  timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<int64_t>(now.tv_sec) * 1'000'000'000 + now.tv_nsec;
}

void Pause(int64_t ns) {
  const timespec wait{ns / 1'000'000'000, ns % 1'000'000'000};
  nanosleep(&wait, nullptr);
}

// All signals, glibc's own included: nothing may run on this thread while the child is half made.
class SignalsBlocked {
 public:
  SignalsBlocked() {
    const uint64_t all = ~uint64_t{0};
    Sys(SYS_rt_sigprocmask, SIG_SETMASK, reinterpret_cast<long>(&all), reinterpret_cast<long>(&old_),
        sizeof(old_));
  }
  ~SignalsBlocked() { Sys(SYS_rt_sigprocmask, SIG_SETMASK, reinterpret_cast<long>(&old_), 0, sizeof(old_)); }
  SignalsBlocked(const SignalsBlocked&) = delete;
  SignalsBlocked& operator=(const SignalsBlocked&) = delete;

 private:
  uint64_t old_ = 0;
};

// The child opens a few descriptors for a moment; that they can be had is made sure of before there is a
// child.
class ReservedFds {
 public:
  int Take() {
    for (int& fd : fds_) {
      fd = static_cast<int>(
          Sys(SYS_openat, AT_FDCWD, reinterpret_cast<long>("/"), O_PATH | O_CLOEXEC | O_DIRECTORY));
      if (fd < 0) return fd;
    }
    return 0;
  }
  void Give() {
    for (int& fd : fds_) {
      if (fd >= 0) Sys(SYS_close, fd);
      fd = -1;
    }
  }
  ~ReservedFds() { Give(); }

 private:
  int fds_[kReservedFds] = {-1, -1, -1};
};

struct RobustListHead {
  void* next;
  long futex_offset;
  void* pending;
};

// Mutexes that the forking thread holds stay the parent's.
void ResetRobustList(RobustListHead* head, size_t size) {
  if (head == nullptr) return;
  if (head->next != head) {
    auto** previous = reinterpret_cast<void**>(head) - 1;  // glibc's robust_prev
    *previous = head;
    head->next = head;
  }
  Sys(SYS_set_robust_list, reinterpret_cast<long>(head), static_cast<long>(size));
}

// The loop that a helper thread waits in.
struct ThreadLoop {
  int epoll_fd;
  uv_loop_t* loop;
  ThreadRing ring;
};

// Process-wide, and used by the main thread only.
struct State {
  explicit State(const Layout& found) : layout(found), census(found) {}
  const Layout& layout;
  ThreadPark park;
  Census census;
  HeapPages pages;
  std::unordered_map<uintptr_t, ThreadLoop> loops;  // by thread pointer
  std::vector<ThreadRing> idle_rings;
  size_t rings_seen = 0;
  RandomState random;
  SeedState seeds;
};

State* g_state = nullptr;

State* GetState() {
  if (g_state == nullptr) g_state = new State(*GetLayout(nullptr));
  return g_state;
}

struct Moment {
  bool good = false;
  bool at_work = false;  // V8 is collecting or compiling
  bool worker = false;
  bool odd_pool = false;
  bool blocked = true;  // everything that is in the way sleeps in the kernel
  Text why;
};

Moment Look(State* state, bool abandon_workers) {
  Moment moment;
  state->census.Learn(state->park.parked());
  bool busy = false;
  for (Parked* thread : state->park.parked()) {
    const Finding finding = state->census.Judge(*thread, abandon_workers);
    thread->revive = finding.verdict == Verdict::kRevive;
    thread->at_rest = finding.at_rest;
    if (finding.verdict == Verdict::kWorker) moment.worker = true;
    moment.at_work = moment.at_work || finding.at_work;
    if (finding.verdict == Verdict::kBusy) {
      busy = true;
      moment.blocked = moment.blocked && finding.blocked;
      moment.why = finding.why;
    }
  }
  for (const Unparkable& thread : state->park.unparkable()) {
    if (proc::Sleeps(thread.tid)) continue;
    busy = true;
    moment.blocked = false;
    moment.why = {"the thread '", thread.name, "' blocks signals and is running"};
  }
  moment.good = !busy && !moment.worker;
  if (moment.good && !IsPoolUnderstood(state->census.PoolOf(state->park.parked()))) {
    moment.good = moment.blocked = false;
    moment.odd_pool = true;
    moment.why = "libuv's thread pool could not be understood";
  }
  return moment;
}

// Parks all threads at a moment that a child can go on from. They stand still on success, and run on failure.
Result Quiesce(State* state, const Options& options) {
  Result result;
  const int64_t start = NowNs();
  int64_t blocked_since = 0;
  int64_t pause = kShortestPause;
  for (;;) {
    Text why;
    const int err = state->park.ParkAll(state->layout, &why);
    if (err != 0) {
      result.err = -err;
      result.why = why.c_str();
      return result;
    }
    Moment moment = Look(state, options.abandon_workers);
    // A collection that goes on after the fork writes to pages on both sides, and nothing of them stays
    // shared.
    const bool wait = moment.at_work && NowNs() - start < kCollectionLimit;
    if (moment.good && !wait) {
      result.pid = 0;
      return result;
    }
    state->park.Release();
    const int64_t now = NowNs();
    if (moment.worker && now - start > kEndingLimit) {
      result.err = EBUSY;
      result.live_worker = true;
      return result;
    }
    if (moment.odd_pool && now - start > kPoolLimit) {
      result.err = ENOTSUP;
      result.why = moment.why.c_str();
      return result;
    }
    const bool blocked = moment.blocked && !moment.good;
    if (!blocked) blocked_since = 0;
    if (blocked && blocked_since == 0) blocked_since = now;
    const bool over =
        now - start > kQuietLimit || (blocked_since != 0 && now - blocked_since > kBlockedLimit);
    if (over) {
      result.err = EBUSY;
      result.why = moment.why.c_str();
      return result;
    }
    Pause(pause);
    if (pause < kLongestPause) pause += pause / 2;
  }
}

// The loops of the threads that go on. 0, or -ENOTSUP where one can't be taken over.
int FindThreadLoops(State* state, int own_epoll_fd, std::vector<ThreadLoop>* loops, std::string* why) {
  for (const Parked* thread : state->park.parked()) {
    if (!thread->revive) continue;
    const int fd = state->census.LoopOf(*thread);
    if (fd < 0 || fd == own_epoll_fd) continue;
    const auto known = state->loops.find(thread->thread_pointer);
    if (known != state->loops.end() && known->second.epoll_fd == fd && known->second.loop->backend_fd == fd) {
      loops->push_back(known->second);
      continue;
    }
    ThreadLoop found{fd, FindLoop(*thread, fd), {}};
    const int err = state->pages.Read();
    if (err != 0) return err;
    if (found.loop == nullptr || !FindRing(found.loop, state->pages.rings(), &found.ring)) {
      *why = std::string("the event loop of Node's thread '") + thread->name + "' could not be understood";
      return -ENOTSUP;
    }
    state->loops[thread->thread_pointer] = found;
    loops->push_back(found);
  }
  return 0;
}

// Rings of loops that nobody waits in. They are looked for again when there are more than there were.
int FindIdleRings(State* state, const uv_loop_t* own, const std::vector<ThreadLoop>& loops,
                  std::string* why) {
  const std::vector<RingMapping>& mappings = state->pages.rings();
  if (mappings.size() == state->rings_seen) return 0;
  std::vector<Range> known;
  ThreadRing ring;
  if (FindRing(own, mappings, &ring)) known.push_back(ring.queue);
  for (const ThreadLoop& loop : loops) known.push_back(loop.ring.queue);
  state->idle_rings.clear();
  if (!FindOtherRings(state->pages.OrdinaryMemory(), mappings, known, &state->idle_rings)) {
    *why = "an io_uring of Node's could not be found";
    return -ENOTSUP;
  }
  state->rings_seen = mappings.size();
  return state->pages.Read();
}

// Everything between the birth of the child and its first own instruction. 0 or -errno.
int BecomeChild(State* state, uv_loop_t* loop, const std::vector<ThreadLoop>& thread_loops,
                const std::vector<ReadFile>& files, bool near_limit) {
  AtForkHandlers::RunInChild();
  int err = RepairLoopInChild(loop);
  if (err != 0) return err;
  for (const ThreadRing& ring : state->idle_rings) DropRing(ring);
  for (const ThreadLoop& thread_loop : thread_loops) {
    DropRing(thread_loop.ring);
    err = RenewThreadLoop(thread_loop.epoll_fd);
    if (err != 0) return err;
  }
  DropQueuedWrites(loop);
  SeparateReadOffsets(files);
  LeaveTerminalAlone();
  ReleasePool(state->census.PoolOf(state->park.parked()));
  for (Parked* thread : state->park.parked()) {
    if (thread->revive) {
      err = Revive(thread, state->layout);
      if (err != 0) return err;
    } else {
      Forget(*thread, state->layout);
    }
  }
  state->park.Release();
  if (near_limit && !CanStartThreads(kPoolThreads)) return -EAGAIN;
  return 0;
}

[[noreturn]] void GiveUp(int err) {
  static const char text[] = "prong: a forked child could not be set up: ";
  const char* name = uv_err_name(err);
  if (write(2, text, sizeof(text) - 1) < 0 || (name != nullptr && write(2, name, std::strlen(name)) < 0) ||
      write(2, "\n", 1) < 0) {
    _exit(70);
  }
  _exit(70);
}

}  // namespace

int CanFork(std::string* reason) {
  const int err = GetLayout(reason) == nullptr ? EAGAIN : 0;
  if (err != 0) return err;
  if (!reason->empty()) return ENOTSUP;
  return AtForkHandlers::Find(reason) ? 0 : ENOTSUP;
}

size_t FindRandomState(const std::vector<double>& drawn) {
  State* state = GetState();
  if (state->pages.Read() != 0) return 0;
  return state->random.Find(drawn, state->pages.HeapMemory());
}

RandomState* GetRandomState() { return &GetState()->random; }

SeedState* GetSeedState() { return &GetState()->seeds; }

Result Fork(uv_loop_t* loop, const Options& options) {
  Result result;
  result.err = CanFork(&result.why);
  if (result.err != 0) return result;
  State* state = GetState();

  ReservedFds reserved;
  const int taken = reserved.Take();
  if (taken < 0) {
    result.err = -taken;
    result.why = "the child needs a few free descriptors";
    return result;
  }

  AtForkHandlers::RunPrepare();
  result = Quiesce(state, options);
  if (result.pid != 0) {
    AtForkHandlers::RunInParent();
    return result;
  }
  result.pid = -1;

  std::vector<ThreadLoop> thread_loops;
  int revived = kPoolThreads;
  for (const Parked* thread : state->park.parked()) revived += thread->revive ? 1 : 0;
  const std::vector<ReadFile> files = ListReadFiles();
  const bool near_limit = NearThreadLimit(revived);
  Handshake* handshake = near_limit ? new Handshake : nullptr;
  RobustListHead* robust = nullptr;
  size_t robust_size = 0;
  Sys(SYS_get_robust_list, 0, reinterpret_cast<long>(&robust), reinterpret_cast<long>(&robust_size));
  int* tid = TidOf(ThreadPointer(), state->layout);

  {
    const SignalsBlocked blocked;
    long pid = 0;
    pid = FindThreadLoops(state, loop->backend_fd, &thread_loops, &result.why);
    if (pid == 0) pid = state->pages.Read();
    if (pid == 0) pid = FindIdleRings(state, loop, thread_loops, &result.why);
    if (pid == 0) {
      state->pages.MakeInheritable();
      pid = Sys(SYS_clone, CLONE_CHILD_SETTID | CLONE_CHILD_CLEARTID | SIGCHLD, 0, 0,
                reinterpret_cast<long>(tid), 0);
      if (pid == 0) {
        reserved.Give();
        ResetRobustList(robust, robust_size);
        // Now, while memory lies as it was read: later malloc or a thread's stack may be where V8's pages
        // were.
        state->pages.MarkAgain();
        const int err = BecomeChild(state, loop, thread_loops, files, near_limit);
        if (!options.keep_paths) LeavePaths(loop);
        if (handshake != nullptr && handshake->ready()) {
          handshake->Answer(err);
          if (err != 0) _exit(70);
        }
        if (err != 0) GiveUp(err);
      } else {
        state->pages.MarkAgain();
        state->park.Release();
      }
    } else {
      state->park.Release();
    }
    if (pid < 0) {
      result.err = static_cast<int>(-pid);
    } else {
      result.pid = static_cast<pid_t>(pid);
    }
  }
  if (result.pid != 0) {
    AtForkHandlers::RunInParent();
    if (handshake != nullptr && handshake->ready() && result.pid > 0) {
      const int err = handshake->Await(result.pid);
      if (err != 0) {
        result.pid = -1;
        result.err = -err;
        result.why = "the child could not have its threads";
      }
    }
  }
  delete handshake;
  return result;
}

}  // namespace prong::fork

#else

namespace prong::fork {

int CanFork(std::string* reason) {
  *reason = "fork() needs Linux on x86-64 with glibc";
  return ENOTSUP;
}

size_t FindRandomState(const std::vector<double>&) { return 0; }

RandomState* GetRandomState() { return nullptr; }

SeedState* GetSeedState() { return nullptr; }

Result Fork(uv_loop_t*, const Options&) {
  Result result;
  result.err = ENOTSUP;
  return result;
}

}  // namespace prong::fork

#endif
