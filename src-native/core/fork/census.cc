#include "core/fork/census.h"

#if PRONG_FORK_THREADS

#include <errno.h>
#include <linux/futex.h>
#include <sys/syscall.h>
#include <time.h>

#include <cstring>

#include "core/fork/proc.h"
#include "core/fork/thread_loop.h"

namespace prong::fork {

namespace {

// System calls in which a thread sleeps without holding a lock of the C library's. All of them start again
// after the park handler, or end with EINTR.
bool IsSleep(uintptr_t number) {
  switch (number) {
    case SYS_read:
    case SYS_readv:
    case SYS_pread64:
    case SYS_write:
    case SYS_writev:
    case SYS_poll:
    case SYS_ppoll:
    case SYS_select:
    case SYS_pselect6:
    case SYS_epoll_wait:
    case SYS_epoll_pwait:
    case SYS_accept:
    case SYS_accept4:
    case SYS_connect:
    case SYS_recvfrom:
    case SYS_recvmsg:
    case SYS_sendto:
    case SYS_sendmsg:
    case SYS_open:
    case SYS_openat:
    case SYS_wait4:
    case SYS_waitid:
    case SYS_nanosleep:
    case SYS_clock_nanosleep:
    case SYS_rt_sigtimedwait:
    case SYS_flock:
    case SYS_fcntl:
      return true;
    default:
      return false;
  }
}

bool HasPrefix(const char* name, const char* prefix) {
  return std::strncmp(name, prefix, std::strlen(prefix)) == 0;
}

}  // namespace

Census::Stand Census::StandOf(const Parked& thread) const {
  const uintptr_t pc = thread.pc;
  const bool readable = layout_.libc.Has(pc) || layout_.node.Has(pc);
  if (readable && IsSyscallInstruction(pc)) {
    if (thread.result == SYS_futex) {
      // A condition variable waits with a bit set, a mutex without.
      return (thread.second & FUTEX_CMD_MASK) == FUTEX_WAIT_BITSET ? Stand::kCondition : Stand::kFutex;
    }
    if (IsSleep(thread.result)) return Stand::kSleeping;
  }
  const uintptr_t before = pc - kSyscallInstructionSize;
  const bool before_readable = layout_.libc.Has(before) || layout_.node.Has(before);
  if (before_readable && IsSyscallInstruction(before) && thread.result == static_cast<uintptr_t>(-EINTR)) {
    return Stand::kInterrupted;
  }
  if (layout_.libc.Has(pc) || layout_.loader.Has(pc)) return Stand::kLibrary;
  return Stand::kRunning;
}

// A time-limited wait on a condition variable, or a sleep: ended early by the parking signal.
bool Census::IsTimedWait(const Parked& thread) const {
  if (StandOf(thread) != Stand::kInterrupted) return false;
  return thread.first > UINT32_MAX || thread.first == CLOCK_REALTIME || thread.first == CLOCK_MONOTONIC;
}

int Census::LoopOf(const Parked& thread) const {
  if (StandOf(thread) != Stand::kInterrupted) return -1;
  const int fd = static_cast<int>(thread.first);
  return IsEpoll(fd) ? fd : -1;
}

const Census::Known* Census::Find(uintptr_t start) const {
  for (const Known& known : kinds_) {
    if (known.start == start) return &known;
  }
  return nullptr;
}

void Census::Remember(uintptr_t start, Kind kind) {
  for (Known& known : kinds_) {
    if (known.start == start) {
      known.kind = kind;
      return;
    }
  }
  kinds_.push_back({start, kind});
}

Pool Census::PoolOf(const OwnVector<Parked*>& threads) const {
  Pool pool;
  for (const Parked* thread : threads) {
    const Known* known = Find(StartRoutineOf(thread->thread_pointer, layout_));
    if (known == nullptr || known->kind != Kind::kPool) continue;
    ++pool.threads;
    pool.futex = thread->first;
  }
  return pool;
}

void Census::Learn(const OwnVector<Parked*>& threads) {
  for (const Parked* thread : threads) {
    const uintptr_t start = StartRoutineOf(thread->thread_pointer, layout_);
    if (!layout_.node.Has(start)) continue;
    const Known* known = Find(start);
    const Stand stand = StandOf(*thread);
    if (stand == Stand::kCondition && layout_.node.Has(thread->first)) {
      // libuv's pool waits on a condition variable in static data; V8's and Node's threads on ones in the
      // heap.
      Remember(start, Kind::kPool);
    } else if (known == nullptr || known->kind == Kind::kCompute) {
      if (LoopOf(*thread) >= 0) {
        Remember(start, Kind::kLoop);
      } else if (known == nullptr && (stand == Stand::kCondition || IsTimedWait(*thread))) {
        Remember(start, Kind::kCompute);
      }
    }
  }
}

Finding Census::Judge(const Parked& thread, bool abandon_workers) const {
  const Stand stand = StandOf(thread);
  const uintptr_t start = StartRoutineOf(thread.thread_pointer, layout_);
  const bool asleep = stand == Stand::kCondition || stand == Stand::kFutex || stand == Stand::kInterrupted ||
                      stand == Stand::kSleeping;

  if (thread.isolate != nullptr && thread.isolate != own_isolate_) {
    if (!abandon_workers) return {Verdict::kWorker, {}};
    // It may not hold a lock of Node's, as it may while it waits for another: it must stand in its loop, wait
    // for a condition, or run JavaScript.
    const bool in_script = stand == Stand::kRunning && proc::IsAnonymous(thread.pc);
    const bool quiet =
        LoopOf(thread) >= 0 || stand == Stand::kCondition || stand == Stand::kSleeping || in_script;
    if (quiet) return {Verdict::kDrop, {}};
    return {Verdict::kBusy, "a Worker is in the middle of its work"};
  }
  if (HasPrefix(thread.name, "prong-") || !layout_.node.Has(start)) {
    // Not Node's: it may hold a lock of libc's only while it is in libc.
    if (asleep || (stand == Stand::kRunning && !layout_.node.Has(thread.pc))) return {Verdict::kDrop, {}};
    return {Verdict::kBusy, Text("the thread '", thread.name, "' of an addon is running")};
  }

  const Finding busy{Verdict::kBusy, Text("the thread '", thread.name, "' of Node is busy"), asleep};
  const Known* known = Find(start);
  if (known == nullptr) return busy;  // not seen at rest yet
  switch (known->kind) {
    case Kind::kPool:
      if (stand == Stand::kCondition && layout_.node.Has(thread.first)) return {Verdict::kDrop, {}};
      return {Verdict::kBusy, "the thread pool is busy (fs, dns, crypto or zlib)", asleep};
    case Kind::kLoop:
      return LoopOf(thread) >= 0 ? Finding{Verdict::kRevive, {}, false, false, true} : busy;
    case Kind::kCompute:
      // Waiting or computing in memory: the copy goes on from the very instruction. In a library (malloc's
      // above all, whichever it is) it may hold a lock that the child needs before the thread is there.
      if (stand == Stand::kLibrary || stand == Stand::kSleeping) return busy;
      if (stand == Stand::kRunning && !layout_.node.Has(thread.pc)) return busy;
      return {Verdict::kRevive,
              {},
              false,
              stand == Stand::kRunning,
              stand == Stand::kCondition || stand == Stand::kInterrupted};
  }
  return busy;
}

}  // namespace prong::fork

#endif
