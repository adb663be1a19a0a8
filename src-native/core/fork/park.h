// Stops every other thread of the process in a signal handler, at an instruction of its own, and lets them go
// again. A thread that stands in the handler can be started anew in a forked child, where it returns from the
// handler and goes on as if nothing had happened.
#pragma once

#include <sys/types.h>

#include <atomic>
#include <cstdint>
#include <vector>

#include "core/fork/arch.h"
#include "core/fork/layout.h"
#include "core/fork/own_pages.h"

#if PRONG_FORK_THREADS

namespace prong::fork {

constexpr size_t kRevivalStack = 8192;

// One other thread, as the park handler found it.
struct Parked {
  std::atomic<uint32_t> state{0};
  pid_t tid = 0;
  uint32_t round = 0;
  uintptr_t thread_pointer = 0;
  Context context = {};
  uintptr_t pc = 0;      // where it was interrupted
  uintptr_t result = 0;  // rax there
  uintptr_t first = 0;   // rdi there: the futex's address, the epoll set
  uintptr_t second = 0;  // rsi there: the futex's operation
  void* isolate = nullptr;
  void* robust_list = nullptr;
  size_t robust_size = 0;
  char name[16] = {};
  bool revive = false;    // is to go on in the child
  bool at_rest = false;   // waits for something to do: holds no lock
  bool reviving = false;  // was started there
  alignas(64) char stack[kRevivalStack];
};

// A thread that can't be parked: it blocks the signal. It is left behind in the child.
struct Unparkable {
  pid_t tid;
  char name[16];
};

class ThreadPark {
 public:
  // Parks every thread but the caller. 0, or -EAGAIN or -EBUSY with `why` where one would not come. While
  // they stand, malloc may be locked for good: see OwnPages.
  int ParkAll(const Layout& layout, Text* why);
  // Lets them go on, in the process that parked them.
  void Release();

  const OwnVector<Parked*>& parked() const { return parked_; }
  const OwnVector<Unparkable>& unparkable() const { return unparkable_; }

 private:
  int Install(const Layout& layout);
  Parked* Record();
  void AddUnparkable(pid_t tid);
  int WaitForAll(Text* why);

  OwnVector<Parked*> parked_;
  OwnVector<Parked*> spare_;
  OwnVector<Unparkable> unparkable_;
  OwnVector<Unparkable> formerly_unparkable_;
  OwnVector<int> tids_;
};

}  // namespace prong::fork

#endif
