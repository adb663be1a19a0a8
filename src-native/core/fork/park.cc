#include "core/fork/park.h"

#if PRONG_FORK_THREADS

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <time.h>
#include <ucontext.h>
#include <unistd.h>

#include <cstdio>
#include <cstring>
#include <new>

#include "core/fork/proc.h"

namespace prong::fork {

namespace {

enum : uint32_t { kIdle = 0, kSent = 1, kStanding = 2 };

constexpr int64_t kReplyWaitNs = 5'000'000;       // then look why a thread does not come
constexpr int64_t kReplyLimitNs = 2'000'000'000;  // then give up

// Shared with the handler, which has nothing but its signal's value to go by.
std::atomic<uint32_t> g_round{0};     // odd while threads are to stand still
std::atomic<uint32_t> g_standing{0};  // goes up with every thread that came to stand
const Layout* g_layout = nullptr;
struct sigaction g_chained;

void FutexWait(std::atomic<uint32_t>* word, uint32_t expected, const timespec* timeout = nullptr) {
  Sys(SYS_futex, reinterpret_cast<long>(word), FUTEX_WAIT_PRIVATE, static_cast<long>(expected),
      reinterpret_cast<long>(timeout));
}

void FutexWake(std::atomic<uint32_t>* word) {
  Sys(SYS_futex, reinterpret_cast<long>(word), FUTEX_WAKE_PRIVATE, INT32_MAX);
}

int64_t NowNs() {
  timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<int64_t>(now.tv_sec) * 1'000'000'000 + now.tv_nsec;
}

// Runs on the parked thread: raw system calls only, nothing of the C library's state is touched.
void OnPark(int signal, siginfo_t* info, void* data) {
  const pid_t tid = static_cast<pid_t>(Sys(SYS_gettid));
  auto* record = static_cast<Parked*>(info->si_value.sival_ptr);
  const bool ours = info->si_code == SI_QUEUE && info->si_pid == Sys(SYS_getpid);
  if (!ours) {
    if (g_chained.sa_flags & SA_SIGINFO) {
      if (g_chained.sa_sigaction != nullptr) g_chained.sa_sigaction(signal, info, data);
    }
    return;
  }
  // A signal of an earlier round that was given up: its record may be in use for somebody else by now.
  const uint32_t round = g_round.load(std::memory_order_acquire);
  if ((round & 1) == 0 || record->tid != tid || record->round != round) return;

  const auto* context = static_cast<const ucontext_t*>(data);
  record->thread_pointer = ThreadPointer();
  record->pc = static_cast<uintptr_t>(context->uc_mcontext.gregs[REG_RIP]);
  record->result = static_cast<uintptr_t>(context->uc_mcontext.gregs[REG_RAX]);
  record->first = static_cast<uintptr_t>(context->uc_mcontext.gregs[REG_RDI]);
  record->second = static_cast<uintptr_t>(context->uc_mcontext.gregs[REG_RSI]);
  record->isolate = g_layout->current_isolate();
  Sys(SYS_get_robust_list, 0, reinterpret_cast<long>(&record->robust_list),
      reinterpret_cast<long>(&record->robust_size));
  Sys(SYS_prctl, PR_GET_NAME, reinterpret_cast<long>(record->name));

  if (prong_save_context(&record->context) != 0) {
    // Revived, in a child. The record, its stack included, is done with.
    record->state.store(kIdle, std::memory_order_release);
    return;
  }

  record->state.store(kStanding, std::memory_order_release);
  g_standing.fetch_add(1, std::memory_order_acq_rel);
  FutexWake(&g_standing);
  while (g_round.load(std::memory_order_acquire) == round) FutexWait(&g_round, round);
}

bool IsBlocked(proc::SignalState state) {
  return state == proc::SignalState::kBlocked || state == proc::SignalState::kWaiting;
}

}  // namespace

int ThreadPark::Install(const Layout& layout) {
  g_layout = &layout;
  struct sigaction action = {};
  if (sigaction(layout.park_signal, nullptr, &action) != 0) return -errno;
  if ((action.sa_flags & SA_SIGINFO) && action.sa_sigaction == OnPark) return 0;
  g_chained = action;
  action = {};
  action.sa_sigaction = OnPark;
  action.sa_flags = SA_SIGINFO | SA_RESTART;
  sigfillset(&action.sa_mask);
  return sigaction(layout.park_signal, &action, nullptr) == 0 ? 0 : -errno;
}

Parked* ThreadPark::Record() {
  Parked* record = nullptr;
  if (!spare_.empty()) {
    record = spare_.back();
    spare_.pop_back();
  } else {
    record = new (OwnPages<Parked>().allocate(1)) Parked;
  }
  record->state.store(kIdle, std::memory_order_relaxed);
  record->revive = record->reviving = false;
  return record;
}

void ThreadPark::AddUnparkable(pid_t tid) {
  Unparkable thread{tid, {}};
  char path[64];
  proc::TaskPath(path, sizeof(path), tid, "comm");
  char name[17] = {};
  proc::ReadFile(path, name, sizeof(name) - 1);
  std::memcpy(thread.name, name, sizeof(thread.name));
  thread.name[15] = 0;
  for (char& c : thread.name) {
    if (c == '\n') c = 0;
  }
  unparkable_.push_back(thread);
}

int ThreadPark::ParkAll(const Layout& layout, Text* why) {
  const int err = Install(layout);
  if (err != 0) return err;
  for (Parked* record : parked_) {
    // A thread that a fork just revived may not have got as far as leaving its record.
    while (record->reviving && record->state.load(std::memory_order_acquire) != kIdle) Sys(SYS_sched_yield);
    spare_.push_back(record);
  }
  parked_.clear();
  unparkable_.swap(formerly_unparkable_);
  unparkable_.clear();

  const pid_t pid = getpid();
  const pid_t self = static_cast<pid_t>(Sys(SYS_gettid));
  const uint32_t round = g_round.fetch_add(1, std::memory_order_acq_rel) + 1;

  // A thread that ran until a moment ago may have made another: go on until a whole look finds nobody new.
  for (bool found = true; found;) {
    found = false;
    tids_.clear();
    if (!proc::ListTasks(&tids_)) {
      *why = "/proc/self/task could not be read";
      Release();
      return -EAGAIN;
    }
    for (const pid_t tid : tids_) {
      if (tid == self) continue;
      bool seen = false;
      for (const Parked* record : parked_) seen = seen || record->tid == tid;
      for (const Unparkable& thread : unparkable_) seen = seen || thread.tid == tid;
      if (seen) continue;
      bool blocked = false;
      for (const Unparkable& thread : formerly_unparkable_) blocked = blocked || thread.tid == tid;
      if (blocked && IsBlocked(proc::SignalStateOf(tid, layout.park_signal))) {
        AddUnparkable(tid);
        continue;
      }
      Parked* record = Record();
      record->tid = tid;
      record->round = round;
      record->state.store(kSent, std::memory_order_release);
      siginfo_t info = {};
      info.si_code = SI_QUEUE;
      info.si_pid = pid;
      info.si_uid = getuid();
      info.si_value.sival_ptr = record;
      const long sent =
          Sys(SYS_rt_tgsigqueueinfo, pid, tid, layout.park_signal, reinterpret_cast<long>(&info));
      if (sent == -ESRCH) {
        spare_.push_back(record);
        continue;
      }
      parked_.push_back(record);
      if (sent != 0) {
        *why = "the parking signal could not be sent";
        Release();
        return static_cast<int>(sent);
      }
      found = true;
    }
    const int waited = WaitForAll(why);
    if (waited != 0) {
      Release();
      return waited;
    }
  }
  return 0;
}

int ThreadPark::WaitForAll(Text* why) {
  const int64_t start = NowNs();
  int64_t looked = start;
  for (;;) {
    const uint32_t standing = g_standing.load(std::memory_order_acquire);
    bool all = true;
    for (const Parked* record : parked_)
      all = all && record->state.load(std::memory_order_acquire) == kStanding;
    if (all) return 0;
    const timespec wait{0, 1'000'000};
    FutexWait(&g_standing, standing, &wait);
    const int64_t now = NowNs();
    if (now - looked < kReplyWaitNs) continue;
    looked = now;
    for (size_t i = 0; i < parked_.size();) {
      Parked* record = parked_[i];
      if (record->state.load(std::memory_order_acquire) == kStanding) {
        ++i;
        continue;
      }
      const proc::SignalState state = proc::SignalStateOf(record->tid, g_layout->park_signal);
      // Blocked with nothing waiting: the signal was taken, and the thread is on its way into the handler.
      if (state == proc::SignalState::kOpen || state == proc::SignalState::kBlocked) {
        ++i;
        continue;
      }
      if (state == proc::SignalState::kWaiting) {
        // For a moment only: glibc blocks everything in a thread that is being born, libuv in its signal
        // handler.
        if (now - start < 2 * kReplyWaitNs || !proc::AwaitsEvent(record->tid)) {
          ++i;
          continue;
        }
        AddUnparkable(record->tid);
      }
      // Ended, or blocks the signal for good. One may still point to the record: it is not used again.
      record->tid = 0;
      parked_.erase(parked_.begin() + static_cast<ptrdiff_t>(i));
    }
    if (now - start > kReplyLimitNs) {
      for (Parked* record : parked_) {
        if (record->state.load(std::memory_order_acquire) == kStanding) continue;
        char tid[16];
        std::snprintf(tid, sizeof(tid), "%d", record->tid);
        *why = {"thread ", tid, " did not answer the parking signal"};
      }
      return -EBUSY;
    }
  }
}

void ThreadPark::Release() {
  // A signal that is still on its way points to its record: that one is never used again.
  std::erase_if(parked_, [](Parked* record) {
    if (record->state.load(std::memory_order_acquire) == kStanding) return false;
    record->tid = 0;
    return true;
  });
  g_round.fetch_add(1, std::memory_order_acq_rel);
  FutexWake(&g_round);
}

}  // namespace prong::fork

#endif
