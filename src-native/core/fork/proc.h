// Small readers of /proc that make no allocation of their own and leave errno alone where they can.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/fork/own_pages.h"

namespace prong::fork::proc {

// Reads up to `size` bytes of a file; the number read, or -errno.
long ReadFile(const char* path, char* buffer, size_t size);

// /proc/self/task/<tid>/<leaf>
void TaskPath(char* path, size_t size, pid_t tid, const char* leaf);

// Whether `address` is in memory that is no file's, as code made at run time is.
bool IsAnonymous(uintptr_t address);

// The ids of this process's threads; its open descriptors.
bool ListTasks(OwnVector<int>* tids);
bool ListFds(std::vector<int>* fds);

// How a thread stands to a signal.
enum class SignalState {
  kOpen,     // it would take it; or this can't be told now
  kBlocked,  // it blocks the signal
  kWaiting,  // it blocks the signal, and one waits for it
  kEnded,    // there is no such thread any more
};
SignalState SignalStateOf(pid_t tid, int signal);

// Whether the thread waits in a system call. True where the kernel does not tell.
bool Sleeps(pid_t tid);

// Whether it sleeps until something comes that may never come: not for a lock, not for memory. True where the
// kernel does not tell.
bool AwaitsEvent(pid_t tid);

}  // namespace prong::fork::proc
