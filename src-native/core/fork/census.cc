#include "core/fork/census.h"

#if PRONG_FORK_THREADS

#include <errno.h>
#include <sys/syscall.h>

#include <cstring>

#include "core/fork/thread_loop.h"

namespace prong::fork {

namespace {

// System calls in which a thread sleeps without holding a lock of the C library's. All of them start again after the
// park handler, or end with EINTR.
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

bool HasPrefix(const char* name, const char* prefix) { return std::strncmp(name, prefix, std::strlen(prefix)) == 0; }

}  // namespace

Census::Stand Census::StandOf(const Parked& thread) const {
  const uintptr_t pc = thread.pc;
  const bool readable = layout_.libc.Has(pc) || layout_.node.Has(pc);
  if (readable && IsSyscallInstruction(pc)) {
    if (thread.result == SYS_futex) return Stand::kFutex;
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

int Census::LoopOf(const Parked& thread) const {
  if (StandOf(thread) != Stand::kInterrupted) return -1;
  const int fd = static_cast<int>(thread.first);
  return IsEpoll(fd) ? fd : -1;
}

void Census::Learn(const std::vector<Parked*>& threads) {
  for (const Parked* thread : threads) {
    const uintptr_t start = StartRoutineOf(thread->thread_pointer, layout_);
    if (!layout_.node.Has(start)) continue;
    const auto known = kinds_.find(start);
    const Stand stand = StandOf(*thread);
    if (stand == Stand::kFutex && layout_.node.Has(thread->first)) {
      // libuv's pool waits on a condition variable in static data; V8's and Node's threads on ones in the heap.
      kinds_[start] = Kind::kPool;
    } else if (known == kinds_.end() || known->second == Kind::kCompute) {
      if (LoopOf(*thread) >= 0) {
        kinds_[start] = Kind::kLoop;
      } else if (stand == Stand::kFutex && known == kinds_.end()) {
        kinds_[start] = Kind::kCompute;
      }
    }
  }
}

Finding Census::Judge(const Parked& thread, bool abandon_workers) const {
  const Stand stand = StandOf(thread);
  const uintptr_t start = StartRoutineOf(thread.thread_pointer, layout_);
  const bool asleep = stand == Stand::kFutex || stand == Stand::kInterrupted || stand == Stand::kSleeping;

  if (thread.isolate != nullptr && thread.isolate != own_isolate_) {
    if (!abandon_workers) return {Verdict::kWorker, {}};
    if (asleep || (stand == Stand::kRunning && !layout_.node.Has(thread.pc))) return {Verdict::kDrop, {}};
    return {Verdict::kBusy, "a Worker is in the middle of its work"};
  }
  if (HasPrefix(thread.name, "prong-") || !layout_.node.Has(start)) {
    // Not Node's: it may hold a lock of libc's only while it is in libc.
    if (asleep || (stand == Stand::kRunning && !layout_.node.Has(thread.pc))) return {Verdict::kDrop, {}};
    return {Verdict::kBusy, std::string("the thread '") + thread.name + "' of an addon is running"};
  }

  const auto known = kinds_.find(start);
  if (known != kinds_.end() && known->second == Kind::kPool) {
    if (stand == Stand::kFutex && layout_.node.Has(thread.first)) return {Verdict::kDrop, {}};
    return {Verdict::kBusy, "the thread pool is busy (fs, dns, crypto or zlib)", asleep};
  }
  if (stand == Stand::kFutex) return {Verdict::kRevive, {}};
  if (stand == Stand::kInterrupted) return {Verdict::kRevive, {}};
  // Computing in memory only: the copy goes on from the very instruction.
  if (known != kinds_.end() && known->second == Kind::kCompute && stand == Stand::kRunning) {
    return {Verdict::kRevive, {}};
  }
  return {Verdict::kBusy, std::string("the thread '") + thread.name + "' of Node is busy", asleep};
}

}  // namespace prong::fork

#endif
