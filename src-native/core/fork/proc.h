// Small readers of /proc that make no allocation of their own and leave errno alone where they can.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <vector>

namespace prong::fork::proc {

// Reads up to `size` bytes of a file; the number read, or -errno.
long ReadFile(const char* path, char* buffer, size_t size);

// /proc/self/task/<tid>/<leaf>
void TaskPath(char* path, size_t size, pid_t tid, const char* leaf);

// The ids of this process's threads; its open descriptors.
bool ListTasks(std::vector<int>* tids);
bool ListFds(std::vector<int>* fds);

// 1 where the thread blocks the signal, 0 where not, -1 where it has ended (or is a zombie).
int BlocksSignal(pid_t tid, int signal);

}  // namespace prong::fork::proc
